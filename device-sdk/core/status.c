/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/status.h>

const char *reseal_status_text(enum reseal_status status) {
    switch (status) {
        case RESEAL_OK:
            return "done";
        case RESEAL_MALFORMED:
            return "the message does not have the protocol's shape";
        case RESEAL_UNKNOWN_KEY:
            return "the message names a key that is not known here";
        case RESEAL_WRONG_DIRECTION:
            return "the message was sealed for the other direction";
        case RESEAL_WRONG_ALGORITHM:
            return "the algorithm is not the one of this key";
        case RESEAL_STALE_EPOCH:
            return "the message's epoch is zero, is older than the last accepted one, or is that one with another salt";
        case RESEAL_COUNTER_LIMIT:
            return "the message's counter is above the limit of an epoch";
        case RESEAL_REPLAY:
            return "the message was accepted before, or is older than the replay window";
        case RESEAL_BAD_TAG:
            return "the message was changed, was moved to another topic, or was sealed under another key";
        case RESEAL_BUFFER_TOO_SMALL:
            return "the buffer is too small for the result";
        case RESEAL_TOO_LONG:
            return "the plaintext or the topic is longer than the algorithm allows";
        case RESEAL_BAD_TOPIC:
            return "the topic is empty, is too long, or contains '+', '#' or a NUL";
        case RESEAL_EPOCH_NOT_STORED:
            return "the epoch could not be read or stored durably, so nothing was sealed";
        case RESEAL_EPOCH_EXHAUSTED:
            return "the key's last epoch is used up; a new key generation is needed";
        case RESEAL_NO_RANDOM:
            return "the random source failed";
        case RESEAL_BAD_ARGUMENT:
            return "an argument is missing or outside its range";
        case RESEAL_CRYPTO_FAILED:
            return "the cryptographic library reported an error";
        case RESEAL_WINDOW_NOT_STORED:
            return "the replay window could not be read or stored durably, so nothing was given out";
        case RESEAL_BAD_CREDENTIALS:
            return "the credentials cannot be used";
        case RESEAL_CLOSED:
            return "the sender or receiver is not open";
        case RESEAL_IN_USE:
            return "another process is using these credentials";
        case RESEAL_NOT_STORED:
            return "the data to be kept could not be read or stored durably";
        case RESEAL_OTHER_PROCESS:
            return "the sender was opened by another process; after a fork, open a new one";
        default:
            return "unknown status";
    }
}
