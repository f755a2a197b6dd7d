/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the SDK: MAJOR.MINOR.PATCH. The build systems read it here. */
#ifndef RESEAL_VERSION_H
#define RESEAL_VERSION_H

#define RESEAL_VERSION_MAJOR 0
#define RESEAL_VERSION_MINOR 1
#define RESEAL_VERSION_PATCH 0
#define RESEAL_VERSION_STRING "0.1.0"

/* To compare with RESEAL_VERSION in an #if. */
#define RESEAL_VERSION_NUMBER(major, minor, patch) (((major)*10000) + ((minor)*100) + (patch))
#define RESEAL_VERSION RESEAL_VERSION_NUMBER(RESEAL_VERSION_MAJOR, RESEAL_VERSION_MINOR, RESEAL_VERSION_PATCH)

#endif
