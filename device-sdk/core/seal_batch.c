/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/seal_batch.h>

#include "sender_next.h"

enum { AT_ONCE = 128 }; /* jobs per call of the library; only their pointers are on the stack */

struct chunk {
    struct reseal_seal_job *jobs[AT_ONCE];
    size_t count;
};

bool reseal_sender_raises_epoch(const struct reseal_sender *sender) {
    return sender != NULL && sender->opened && reseal_epoch_is_used_up(sender);
}

static void write_inputs(struct reseal_sealing *job, struct reseal_sender *sender, const struct reseal_envelope *header,
                         struct reseal_bytes topic) {
    job->sender = sender;
    job->epoch = header->epoch;
    job->job.aead = &sender->keys.aead;
    job->job.aad.size = reseal_aad_write(job->aad, header->algorithm, topic);
    reseal_nonce_write(job->nonce, &sender->keys, header->counter);
}

enum reseal_status reseal_sender_seal_begin(struct reseal_sender *sender, struct reseal_bytes topic,
                                            struct reseal_bytes plaintext, struct reseal_buffer *out,
                                            struct reseal_sealing *job) {
    if (job == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    job->sender = NULL;
    if (topic.size > RESEAL_SEALING_TOPIC_MAX) {
        return job->status = reseal_sender_seal(sender, topic, plaintext, out);
    }
    struct reseal_envelope header;
    job->status = reseal_sender_next(sender, &topic, &plaintext, out, &header);
    if (job->status != RESEAL_OK) {
        return job->status;
    }
    const size_t sealed_size = plaintext.size + RESEAL_TAG_SIZE;
    job->header_size = reseal_header_write(out->data, &header, sealed_size);
    job->job.plaintext = plaintext;
    job->job.out = out->data + job->header_size;
    write_inputs(job, sender, &header, topic);
    out->size = job->header_size + sealed_size;
    return RESEAL_OK;
}

static bool has_its_key(const struct reseal_sealing *job) {
    return job->sender->opened && reseal_epoch_equal(&job->sender->epoch, &job->epoch);
}

static void seal_together(struct chunk *chunk) {
    if (chunk->count > 0) {
        chunk->jobs[0]->aead->crypto->seal_many(chunk->jobs, chunk->count);
        chunk->count = 0;
    }
}

static void add(struct chunk *chunk, struct reseal_seal_job *job) {
    if (chunk->count == AT_ONCE || (chunk->count > 0 && chunk->jobs[0]->aead->crypto != job->aead->crypto)) {
        seal_together(chunk);
    }
    chunk->jobs[chunk->count++] = job;
}

static void seal_or_add(struct reseal_sealing *sealing, struct chunk *chunk) {
    struct reseal_seal_job *job = &sealing->job;
    if (!has_its_key(sealing)) {
        job->status = RESEAL_CLOSED;
        return;
    }
    job->nonce = sealing->nonce; /* not before: the caller may have moved the structure */
    job->aad.data = sealing->aad;
    if (job->aead->crypto->seal_many != NULL) {
        add(chunk, job);
    } else {
        job->status = job->aead->crypto->seal(job->aead, job->nonce, job->aad, job->plaintext, job->out);
    }
}

static void finish(struct reseal_sealing *sealing) {
    sealing->status = sealing->job.status;
    sealing->sender = NULL;
    if (sealing->status != RESEAL_OK) {
        reseal_wipe(sealing->job.out - sealing->header_size,
                    sealing->header_size + sealing->job.plaintext.size + RESEAL_TAG_SIZE);
    }
}

void reseal_seal_batch(struct reseal_sealing *jobs, size_t count) {
    struct chunk chunk = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].sender != NULL) {
            seal_or_add(&jobs[i], &chunk);
        }
    }
    seal_together(&chunk);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].sender != NULL) {
            finish(&jobs[i]);
        }
    }
}
