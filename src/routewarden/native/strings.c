#include "strings.h"

#include <stdlib.h>
#include <string.h>

void rw_free_buffers(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_buffers; i++) free((void *)array->buffers[i]);
    free(array->buffers);
    array->release = NULL;
}

/* How many bytes the character at p has, by RFC 3629; 0 where it is none. */
static int64_t character(const uint8_t *p, const uint8_t *end)
{
    uint8_t lead = *p, low = 0x80, high = 0xBF;
    if (lead < 0x80) return 1;
    int64_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3
                   : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (!length || end - p < length) return 0;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F; /* no surrogates */
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (p[1] < low || p[1] > high) return 0;
    for (int64_t i = 2; i < length; i++) if ((p[i] & 0xC0) != 0x80) return 0;
    return length;
}

int rw_is_text(const uint8_t *p, const uint8_t *end)
{
    while (p < end) {
        uint64_t eight = 0;
        for (; end - p >= 8; p += 8) {
            memcpy(&eight, p, sizeof eight);
            if (eight & 0x8080808080808080u) break;
        }
        for (; p < end && *p < 0x80; p++) continue;
        if (p == end) return 1;
        int64_t length = character(p, end);
        if (!length) return 0;
        p += length;
    }
    return 1;
}

enum { VALID, VIEWS, BYTES, SIZES, BUFFERS };
static int64_t write_views(const uint8_t *data, const int64_t *start, const int64_t *end,
                           int64_t count, int64_t known, const void **buffers)
{
    uint8_t *valid = (uint8_t *)buffers[VALID], *bytes = (uint8_t *)buffers[BYTES];
    struct View *view = (struct View *)buffers[VIEWS];
    int64_t nulls = 0, at = 0;
    for (int64_t i = 0; i < count; i++, view++) {
        if (start[i] < 0 || (!known && !rw_is_text(data + start[i], data + end[i]))) {
            nulls++;
            continue;
        }
        const uint8_t *text = data + start[i];
        valid[i >> 3] |= (uint8_t)(1u << (i & 7));
        int64_t length = end[i] - start[i];
        view->length = (int32_t)length;
        if (length <= IN_VIEW) {
            memcpy(view->text, text, (size_t)length);
        } else {
            memcpy(view->place.prefix, text, sizeof view->place.prefix);
            view->place.offset = (int32_t)at;
            memcpy(bytes + at, text, (size_t)length);
            at += length;
        }
    }
    *(int64_t *)buffers[SIZES] = at;
    return nulls;
}

int64_t rw_strings(const uint8_t *data, const int64_t *start, const int64_t *end, int64_t count,
                   int64_t known, int64_t most, struct ArrowArray *out)
{
    int64_t size = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t length = start[i] < 0 ? 0 : end[i] - start[i];
        if (length > IN_VIEW) size += length;
    }
    if (size > most) return 1;
    const void **buffers = calloc(BUFFERS, sizeof *buffers);
    if (!buffers) return -1;
    buffers[VALID] = calloc((size_t)count / 8 + 1, 1);
    buffers[VIEWS] = calloc((size_t)count + 1, sizeof(struct View));
    buffers[BYTES] = malloc((size_t)size + 1);
    buffers[SIZES] = malloc(sizeof(int64_t));
    *out = (struct ArrowArray){
        .length = count, .n_buffers = BUFFERS, .buffers = buffers,
        .release = rw_free_buffers,
    };
    for (int i = 0; i < BUFFERS; i++) {
        if (!buffers[i]) return rw_free_buffers(out), -1;
    }
    out->null_count = write_views(data, start, end, count, known, buffers);
    return 0;
}

void rw_release(struct ArrowArray *array)
{
    if (array->release) array->release(array);
}

void rw_forget(struct ArrowSchema *schema)
{
    schema->release = NULL;
}
