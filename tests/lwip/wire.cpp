// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace {

std::uint64_t clock_ms = 1000;
std::uint64_t made = 0;
std::uint64_t failing = 0;
reseal::lwip::Wire* wire = nullptr;
netif* to_broker = nullptr;
netif* to_device = nullptr;

// lwIP asserts that it always has memory for a timer: on a board they have a pool of their own.
bool fails(std::size_t size) {
    return size != LWIP_MEM_ALIGN_SIZE(sizeof(sys_timeo)) && ++made == failing;
}

}  // namespace

extern "C" {

u32_t sys_now(void) {
    return static_cast<u32_t>(clock_ms);
}

void* lwip_test_malloc(std::size_t size) {
    return fails(size) ? nullptr : std::malloc(size);
}

void* lwip_test_calloc(std::size_t count, std::size_t size) {
    return fails(count * size) ? nullptr : std::calloc(count, size);
}

void lwip_test_free(void* memory) {
    std::free(memory);
}

netif* lwip_test_route(const ip4_addr_t* destination) {
    return ip4_addr_cmp(destination, netif_ip4_addr(to_device)) ? to_broker : to_device;
}
}

namespace reseal::lwip {

Wire::Wire() {
    static const bool once = [] {
        lwip_init();
        return true;
    }();
    (void)once;
    ip4_addr_t mask;
    ip4_addr_t device;
    ip4_addr_t broker;
    ip4addr_aton("255.255.255.255", &mask);
    ip4addr_aton("10.0.0.1", &device);
    ip4addr_aton(broker_address, &broker);
    wire = this;
    if (netif_add(&device_, &device, &mask, &broker, nullptr, start, ip_input) == nullptr ||
        netif_add(&broker_, &broker, &mask, &device, nullptr, start, ip_input) == nullptr) {
        throw std::runtime_error("lwIP takes no interface");
    }
    // What is sent to the broker leaves by the device's interface, and the reverse.
    to_broker = &broker_;
    to_device = &device_;
    for (netif* interface : {&device_, &broker_}) {
        netif_set_up(interface);
        netif_set_link_up(interface);
    }
}

Wire::~Wire() {
    fail_allocation(0);
    faults = {.cut = true};
    while (tcp_active_pcbs != nullptr) {
        tcp_abort(tcp_active_pcbs);
    }
    while (tcp_tw_pcbs != nullptr) {
        tcp_abort(tcp_tw_pcbs);
    }
    netif_remove(&device_);
    netif_remove(&broker_);
    wire = nullptr;
}

err_t Wire::start(netif* interface) {
    interface->output = output;
    interface->mtu = 1500;
    interface->name[0] = 'w';
    return ERR_OK;
}

err_t Wire::output(netif* interface, pbuf* packet, const ip4_addr_t* /*destination*/) {
    std::vector<std::uint8_t> bytes(packet->tot_len);
    pbuf_copy_partial(packet, bytes.data(), packet->tot_len, 0);
    netif* to = interface == &wire->device_ ? &wire->broker_ : &wire->device_;
    if (!wire->faults.cut && !wire->happens(wire->faults.lost)) {
        wire->queue(to, bytes);
        if (wire->happens(wire->faults.duplicated)) {
            wire->queue(to, bytes);
        }
    }
    return ERR_OK;
}

void Wire::queue(netif* to, const std::vector<std::uint8_t>& bytes) {
    packets_.push_back({clock_ms + 1 + random() % (faults.longest_ms + 1), to, bytes});
}

void Wire::deliver() {
    for (bool found = true; found;) {
        const auto due =
            std::find_if(packets_.begin(), packets_.end(), [](const Packet& each) { return each.due <= clock_ms; });
        found = due != packets_.end();
        if (found) {
            const Packet packet = std::move(*due);
            packets_.erase(due);
            pbuf* bytes = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(packet.bytes.size()), PBUF_RAM);
            if (bytes != nullptr &&
                pbuf_take(bytes, packet.bytes.data(), static_cast<u16_t>(packet.bytes.size())) == ERR_OK &&
                packet.to->input(bytes, packet.to) != ERR_OK) {
                pbuf_free(bytes);
            }
        }
    }
}

void Wire::pass_ms(std::uint32_t ms) {
    for (std::uint32_t i = 0; i < ms; ++i) {
        ++clock_ms;
        deliver();
        sys_check_timeouts();
    }
}

std::uint32_t Wire::now() const {
    return sys_now();
}

void Wire::fail_allocation(std::uint64_t nth) {
    made = 0;
    failing = nth;
}

std::uint64_t Wire::allocations() {
    return made;
}

}  // namespace reseal::lwip
