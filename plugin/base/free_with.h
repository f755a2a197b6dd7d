// SPDX-License-Identifier: Apache-2.0
// Owns what a C library hands out: std::unique_ptr<X509, FreeWith<X509_free>>.
#pragma once

namespace reseal {

template <auto free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};

}  // namespace reseal
