/* Replies: bounded, and filled with what differs from camera to camera. */
#include "responder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void put(struct reply *to, const void *data, size_t size)
{
    if (size > sizeof to->data - to->used)
        return;
    memcpy(to->data + to->used, data, size);
    to->used += size;
}

void put_text(struct reply *to, const char *text)
{
    put(to, text, strlen(text));
}

void put_format(struct reply *to, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    size_t room = sizeof to->data - to->used;
    int size = vsnprintf(to->data + to->used, room, format, values);
    va_end(values);
    if (size > 0 && (size_t)size < room)
        to->used += (size_t)size;
}

void put_filled(struct reply *to, const char *text, const struct connection *connection)
{
    uint32_t a = connection->address;
    for (const char *brace; (brace = strchr(text, '{')); text = strchr(brace, '}') + 1) {
        put(to, text, (size_t)(brace - text));
        if (strncmp(brace, "{address}", 9) == 0)
            put_format(to, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
        else if (strncmp(brace, "{serial}", 8) == 0)
            put_format(to, "B8A44F%06X", a & 0xFFFFFF);
        else if (strncmp(brace, "{mac}", 5) == 0)
            put_format(to, "b8:a4:4f:%02x:%02x:%02x", a >> 16 & 255, a >> 8 & 255, a & 255);
        else if (strncmp(brace, "{scheme}", 8) == 0)
            put_text(to, connection->service == TLS ? "https" : "http");
        else
            put_format(to, "%u", city.ports[brace[1] == 'r' ? RTSP : connection->service]);
    }
    put_text(to, text);
}
