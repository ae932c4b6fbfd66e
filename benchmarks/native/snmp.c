/* SNMP v2c: GET and GETNEXT of an Axis camera's objects (RFC 3416), read with bounds and written from the end. */
#include "responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INTEGER = 2, OCTETS = 4, OID = 6, SEQUENCE = 0x30, COUNTER = 0x41, GAUGE = 0x42, TICKS = 0x43 };
enum { GET = 0xA0, GETNEXT = 0xA1, RESPONSE = 0xA2, NO_SUCH_OBJECT = 0x80, END_OF_MIB_VIEW = 0x82 };
enum { ARCS = 32, BINDINGS = 32, OUT_BYTES = 1400, UPTIME_S = 86400 };

/* Where a value is not the same for all cameras. */
enum origin { SAME, UPTIME, NAME, MAC };

struct object {
    const char *name;
    uint8_t tag;
    const char *text; /* of a string or an object id */
    uint32_t number;
    enum origin origin;
    uint32_t arcs[ARCS];
    size_t count;
};

#define SYSTEM "1.3.6.1.2.1.1."
#define INTERFACE "1.3.6.1.2.1.2.2.1."
#define VIDEO "1.3.6.1.4.1.368.4.1."

static struct object OBJECTS[] = {
    {SYSTEM "1.0", OCTETS, "; AXIS P3245-LVE; Network Camera; 10.12.240; Jun 03 2024 14:13; 900; 1", 0, SAME, {0}, 0},
    {SYSTEM "2.0", OID, "1.3.6.1.4.1.368.1.1", 0, SAME, {0}, 0},
    {SYSTEM "3.0", TICKS, NULL, 0, UPTIME, {0}, 0},
    {SYSTEM "4.0", OCTETS, "", 0, SAME, {0}, 0},
    {SYSTEM "5.0", OCTETS, NULL, 0, NAME, {0}, 0},
    {SYSTEM "6.0", OCTETS, "", 0, SAME, {0}, 0},
    {"1.3.6.1.2.1.2.1.0", INTEGER, NULL, 2, SAME, {0}, 0},
    {INTERFACE "1.1", INTEGER, NULL, 1, SAME, {0}, 0},
    {INTERFACE "1.2", INTEGER, NULL, 2, SAME, {0}, 0},
    {INTERFACE "2.1", OCTETS, "lo", 0, SAME, {0}, 0},
    {INTERFACE "2.2", OCTETS, "eth0", 0, SAME, {0}, 0},
    {INTERFACE "3.1", INTEGER, NULL, 24, SAME, {0}, 0},
    {INTERFACE "3.2", INTEGER, NULL, 6, SAME, {0}, 0},
    {INTERFACE "5.1", GAUGE, NULL, 10000000, SAME, {0}, 0},
    {INTERFACE "5.2", GAUGE, NULL, 100000000, SAME, {0}, 0},
    {INTERFACE "6.1", OCTETS, "", 0, SAME, {0}, 0},
    {INTERFACE "6.2", OCTETS, NULL, 0, MAC, {0}, 0},
    {INTERFACE "7.1", INTEGER, NULL, 1, SAME, {0}, 0},
    {INTERFACE "7.2", INTEGER, NULL, 1, SAME, {0}, 0},
    {INTERFACE "8.1", INTEGER, NULL, 1, SAME, {0}, 0},
    {INTERFACE "8.2", INTEGER, NULL, 1, SAME, {0}, 0},
    {VIDEO "1.1.3.1.1", INTEGER, NULL, 1, SAME, {0}, 0},
    {VIDEO "3.1.3.1.1", INTEGER, NULL, 1, SAME, {0}, 0},
    {VIDEO "3.1.3.1.2", INTEGER, NULL, 1, SAME, {0}, 0},
    {VIDEO "3.1.3.1.3", INTEGER, NULL, 1, SAME, {0}, 0},
    {VIDEO "3.1.4.1.1", INTEGER, NULL, 36, SAME, {0}, 0},
    {VIDEO "3.1.4.1.2", INTEGER, NULL, 39, SAME, {0}, 0},
    {VIDEO "3.1.4.1.3", INTEGER, NULL, 37, SAME, {0}, 0},
    {VIDEO "8.1.2.1", OCTETS, "SD_DISK", 0, SAME, {0}, 0},
    {VIDEO "8.1.2.2", OCTETS, "NetworkShare", 0, SAME, {0}, 0},
    {VIDEO "8.1.3.1", INTEGER, NULL, 2, SAME, {0}, 0},
    {VIDEO "8.1.3.2", INTEGER, NULL, 2, SAME, {0}, 0},
};
enum { OBJECT_COUNT = sizeof OBJECTS / sizeof *OBJECTS };
static time_t started;

static size_t parsed(const char *text, uint32_t arcs[ARCS])
{
    size_t count = 0;
    for (char *end; *text && count < ARCS; text = *end ? end + 1 : end)
        arcs[count++] = (uint32_t)strtoul(text, &end, 10);
    return count;
}

/* By arcs, as RFC 3416 orders names. */
static int compared(const uint32_t *one, size_t one_count, const uint32_t *other, size_t other_count)
{
    for (size_t i = 0; i < one_count && i < other_count; i++)
        if (one[i] != other[i])
            return one[i] < other[i] ? -1 : 1;
    return one_count < other_count ? -1 : one_count > other_count;
}

static int by_name(const void *one, const void *other)
{
    const struct object *a = one, *b = other;
    return compared(a->arcs, a->count, b->arcs, b->count);
}

void prepare_snmp(void)
{
    started = time(NULL);
    for (size_t i = 0; i < OBJECT_COUNT; i++)
        OBJECTS[i].count = parsed(OBJECTS[i].name, OBJECTS[i].arcs);
    qsort(OBJECTS, OBJECT_COUNT, sizeof *OBJECTS, by_name);
}

/* The object of this name, or with ``next`` the first behind it; NULL where there is none. */
static const struct object *found(const uint32_t *arcs, size_t count, bool next)
{
    size_t low = 0, high = OBJECT_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compared(OBJECTS[middle].arcs, OBJECTS[middle].count, arcs, count);
        if (order < 0 || (next && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == OBJECT_COUNT)
        return NULL;
    return next || compared(OBJECTS[low].arcs, OBJECTS[low].count, arcs, count) == 0 ? OBJECTS + low : NULL;
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

struct cursor {
    const uint8_t *at, *end;
};

/* Step over one value of this tag (0: of any) and return it as a cursor; an empty one at NULL where there is none. */
static struct cursor taken(struct cursor *in, uint8_t tag)
{
    struct cursor none = {NULL, NULL};
    if (in->end - in->at < 2 || (tag && *in->at != tag))
        return none;
    size_t size = in->at[1];
    const uint8_t *start = in->at + 2;
    if (size & 0x80) {
        size_t bytes = size & 0x7F;
        if (!bytes || bytes > 4 || (size_t)(in->end - start) < bytes)
            return none;
        for (size = 0; bytes; bytes--)
            size = size << 8 | *start++;
    }
    if ((size_t)(in->end - start) < size)
        return none;
    in->at = start + size;
    return (struct cursor){start, start + size};
}

static size_t decoded(struct cursor name, uint32_t arcs[ARCS])
{
    size_t count = 0;
    for (uint32_t number = 0; name.at < name.end; name.at++) {
        number = number << 7 | (*name.at & 0x7F);
        if (*name.at & 0x80)
            continue;
        if (count + 2 > ARCS)
            return 0;
        if (!count) {
            uint32_t first = number / 40 > 2 ? 2 : number / 40;
            arcs[count++] = first;
            number -= 40 * first;
        }
        arcs[count++] = number;
        number = 0;
    }
    return count;
}

/* Writing, from the end of the room to its start ------------------------------------------------------------------- */

struct room {
    uint8_t *start, *at, *end;
};

static void prepend(struct room *out, const void *data, size_t size)
{
    if ((size_t)(out->at - out->start) < size) {
        out->at = out->start; /* no room: the answer is not sent */
        return;
    }
    out->at -= size;
    memcpy(out->at, data, size);
}

/* Tag and length before all that was written since ``end`` was the beginning. */
static void wrap(struct room *out, uint8_t tag, const uint8_t *end)
{
    size_t size = (size_t)(end - out->at);
    uint8_t head[4] = {tag, (uint8_t)size};
    size_t length = 2;
    if (size >= 0x80) {
        head[1] = 0x82, head[2] = (uint8_t)(size >> 8), head[3] = (uint8_t)size;
        length = 4;
    }
    prepend(out, head, length);
}

static void put_number(struct room *out, uint8_t tag, uint32_t number)
{
    uint8_t *end = out->at, bytes[5] = {0, (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                        (uint8_t)number};
    size_t first = 0;
    while (first < 4 && !bytes[first] && !(bytes[first + 1] & 0x80))
        first++;
    prepend(out, bytes + first, sizeof bytes - first);
    wrap(out, tag, end);
}

static void put_name(struct room *out, const uint32_t *arcs, size_t count)
{
    uint8_t *end = out->at;
    for (size_t i = count; i-- > 1;) {
        uint32_t number = i == 1 ? arcs[0] * 40 + arcs[1] : arcs[i];
        for (uint8_t more = 0; more == 0 || number; more = 0x80) {
            uint8_t byte = (uint8_t)((number & 0x7F) | more);
            prepend(out, &byte, 1);
            number >>= 7;
        }
    }
    wrap(out, OID, end);
}

static void put_value(struct room *out, const struct object *object, uint32_t address)
{
    uint8_t *end = out->at;
    char text[32];
    uint8_t mac[6] = {0xB8, 0xA4, 0x4F, (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    uint32_t arcs[ARCS];
    if (object->origin == UPTIME) {
        put_number(out, TICKS, (uint32_t)(time(NULL) - started + UPTIME_S + address % UPTIME_S) * 100);
    } else if (object->tag == OID) {
        put_name(out, arcs, parsed(object->text, arcs));
    } else if (object->tag != OCTETS) {
        put_number(out, object->tag, object->number);
    } else {
        if (object->origin == MAC)
            prepend(out, mac, sizeof mac);
        else if (object->origin == NAME)
            prepend(out, text, (size_t)snprintf(text, sizeof text, "axis-b8a44f%06x", address & 0xFFFFFF));
        else
            prepend(out, object->text, strlen(object->text));
        wrap(out, OCTETS, end);
    }
}

static void put_binding(struct room *out, struct cursor name, bool next, uint32_t address)
{
    uint8_t *end = out->at, missing[2] = {next ? END_OF_MIB_VIEW : NO_SUCH_OBJECT, 0};
    uint32_t arcs[ARCS];
    size_t count = decoded(name, arcs);
    const struct object *object = found(arcs, count, next);
    if (object) {
        put_value(out, object, address);
        put_name(out, object->arcs, object->count);
    } else {
        prepend(out, missing, sizeof missing);
        uint8_t *behind = out->at;
        prepend(out, name.at, (size_t)(name.end - name.at));
        wrap(out, OID, behind);
    }
    wrap(out, SEQUENCE, end);
}

size_t answer_snmp(const uint8_t *data, size_t size, uint32_t address, uint8_t *out)
{
    struct cursor datagram = {data, data + size}, message = taken(&datagram, SEQUENCE), pdu = message;
    struct cursor version = taken(&pdu, INTEGER), community = taken(&pdu, OCTETS), names[BINDINGS];
    size_t count = 0, secret = strlen(city.community);
    if (!version.at || version.end - version.at != 1 || *version.at != 1 || !community.at || pdu.at == pdu.end)
        return 0;
    if ((size_t)(community.end - community.at) != secret || memcmp(community.at, city.community, secret) != 0)
        return 0;
    uint8_t tag = *pdu.at;
    struct cursor content = taken(&pdu, 0), id = taken(&content, INTEGER);
    if ((tag != GET && tag != GETNEXT) || !id.at || !taken(&content, INTEGER).at || !taken(&content, INTEGER).at)
        return 0;
    struct cursor bindings = taken(&content, SEQUENCE);
    while (bindings.at < bindings.end && count < BINDINGS) {
        struct cursor binding = taken(&bindings, SEQUENCE), name = taken(&binding, OID);
        if (!name.at)
            return 0;
        names[count++] = name;
    }
    struct room room = {out, out + OUT_BYTES, out + OUT_BYTES};
    while (count)
        put_binding(&room, names[--count], tag == GETNEXT, address);
    wrap(&room, SEQUENCE, room.end);
    put_number(&room, INTEGER, 0);
    put_number(&room, INTEGER, 0);
    uint8_t *behind = room.at;
    prepend(&room, id.at, (size_t)(id.end - id.at));
    wrap(&room, INTEGER, behind);
    wrap(&room, RESPONSE, room.end);
    behind = room.at;
    prepend(&room, community.at, secret);
    wrap(&room, OCTETS, behind);
    put_number(&room, INTEGER, 1);
    wrap(&room, SEQUENCE, room.end);
    if (room.at == room.start)
        return 0;
    city.counts.snmp++;
    size = (size_t)(room.end - room.at);
    memmove(out, room.at, size);
    return size;
}
