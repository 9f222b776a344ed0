/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/encode.h - bytes of an answer in their other forms: gzip (RFC 1952), and the entity tag that names them.
 *
 * An encoder keeps a few compressors of some 100 KB each between the answers; more at the same time are made and freed.
 * Threads: any.
 */
#include "base/buf.h"

#include <pthread.h>

struct libdeflate_compressor;

enum { ENCODER_KEPT = 8 };

struct encoder {
    pthread_mutex_t lock;
    struct libdeflate_compressor *kept[ENCODER_KEPT];
    unsigned count;
};

void encoder_init(struct encoder *encoder);
void encoder_done(struct encoder *encoder);

/* What is smaller is sent as it is: the head would outweigh what is won. */
#define ENCODE_GZIP_FROM_BYTES 1024

/*
 * Appends BYTES as one gzip member. False, and OUT as it was, when memory is short or it would not be smaller: nobody
 * is harmed by the plain form.
 */
bool encode_gzip(struct encoder *encoder, struct str bytes, struct buf *out);

/* As encode_gzip, smaller and slower: for what is made once. */
bool encode_gzip_best(struct str bytes, struct buf *out);

/* True for types that shrink (text, JSON, YAML, XML). */
bool encode_is_worth(struct str type, struct str bytes);

enum { ENCODE_ETAG_BYTES = 24 };

/* "\"0123456789abcdef\"", with SUFFIX ("" or "-gzip") before the last quote: a strong entity tag (RFC 9110, 8.8.3). */
struct str encode_etag(struct str bytes, const char *suffix, char tag[ENCODE_ETAG_BYTES]);
