#ifndef ROUTEWARDEN_STRINGS_H
#define ROUTEWARDEN_STRINGS_H

#include <stdint.h>

/* The C data interface of Apache Arrow: an array, and its type, as libraries hand them over. */
struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

enum { IN_VIEW = 12 };

/* A text of an array of views: a short one within, a long one by where it is in a buffer. */
struct View {
    int32_t length;
    union {
        uint8_t text[IN_VIEW];
        struct {
            uint8_t prefix[4];
            int32_t buffer, offset;
        } place;
    };
};

/* Whether bytes are UTF-8, by RFC 3629. */
int rw_is_text(const uint8_t *p, const uint8_t *end);

/* Copy the pieces data[start..end) into an array of views of texts; null where the start is below
   0, and where the bytes are not UTF-8, if they are not known to be.
   Returns 0; 1 where the long pieces come to more than `most` bytes, which is below 2**31; and -1
   where there is no memory for it. */
int64_t rw_strings(const uint8_t *data, const int64_t *start, const int64_t *end, int64_t count,
                   int64_t known, int64_t most, struct ArrowArray *out);

/* Free an array's buffers, each of which is memory of its own. */
void rw_free_buffers(struct ArrowArray *array);

/* Let go of an array nobody took over. */
void rw_release(struct ArrowArray *array);

/* The same of a schema, which owns nothing. */
void rw_forget(struct ArrowSchema *schema);

#endif
