/* RTSP 1.0 over TCP: DESCRIBE with a digest that is checked, SETUP within the connection, PLAY, pictures, TEARDOWN. */
#include "responder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PACKET_BYTES = 1400, CLOCK_STEP = 9000 };

static const char PATH[] = "/onvif-media/media.amp";
static const char SDP[] =
    "v=0\r\no=- 1 1 IN IP4 {address}\r\ns=Session streamed with GStreamer\r\ni=rtsp-server\r\nt=0 0\r\na=tool:GStreamer\r\n"
    "a=type:broadcast\r\na=range:npt=now-\r\n"
    "a=control:rtsp://{address}:{rtsp}/onvif-media/media.amp?profile=profile_1_h264_sub\r\n"
    "m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:512\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;profile-level-id=42C00B;sprop-parameter-sets=Z0LAC9kBQZ+eEAAAAwAQAAADAUDxQqSA,aMuFLIA=\r\n"
    "a=ts-refclk:local\r\na=mediaclk:sender\r\na=recvonly\r\n"
    "a=control:rtsp://{address}:{rtsp}/onvif-media/media.amp/stream=0?profile=profile_1_h264_sub\r\n"
    "a=framerate:10.000000\r\n"
    "a=transform:1.000000,0.000000,0.000000;0.000000,1.000000,0.000000;0.000000,0.000000,1.000000\r\n";
/* The parameter sets of the SDP as packets carry them. */
static const char SPS[] = "\x67\x42\xc0\x0b\xd9\x01\x41\x9f\x9e\x10\x00\x00\x03\x00\x10\x00\x00\x03\x01\x40\xf1\x42\xa4\x80";
static const char PPS[] = "\x68\xcb\x85\x2c\x80";

static void put_packet(struct connection *connection, struct reply *reply, const void *data, size_t size, bool last)
{
    uint8_t head[16] = {'$', connection->channel, (uint8_t)((12 + size) >> 8), (uint8_t)(12 + size), 0x80,
                        (uint8_t)(last ? 0xE0 : 0x60)};
    uint16_t sequence = htons(connection->sequence++);
    uint32_t timestamp = htonl(connection->timestamp), source = htonl(connection->address);
    memcpy(head + 6, &sequence, 2);
    memcpy(head + 8, &timestamp, 4);
    memcpy(head + 12, &source, 4);
    put(reply, head, sizeof head);
    put(reply, data, size);
    city.counts.packets++;
}

/* A key picture is parameter sets and three fragments (RFC 6184 FU-A), another one a single small packet. What the
 * pictures show is nothing: packets are counted, and nobody decodes them. */
void put_picture(struct connection *connection, struct reply *reply, bool key)
{
    char slice[PACKET_BYTES];
    memset(slice, 0x5A, sizeof slice);
    if (key) {
        put_packet(connection, reply, SPS, sizeof SPS - 1, false);
        put_packet(connection, reply, PPS, sizeof PPS - 1, false);
        for (int part = 0; part < 3; part++) {
            slice[0] = 0x7C;
            slice[1] = (char)(0x05 | (part == 0 ? 0x80 : 0) | (part == 2 ? 0x40 : 0));
            put_packet(connection, reply, slice, sizeof slice, part == 2);
        }
    } else {
        slice[0] = 0x41;
        put_packet(connection, reply, slice, 160, true);
    }
    connection->timestamp += CLOCK_STEP;
}

static void put_head(struct reply *reply, const char *status, const char *sequence)
{
    static time_t written;
    static char date[64];
    time_t now = time(NULL);
    if (now != written) {
        struct tm t;
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &t));
        written = now;
    }
    put_format(reply, "RTSP/1.0 %s\r\nCSeq: %s\r\nServer: GStreamer RTSP server\r\nDate: %s\r\n", status, sequence, date);
}

static void describe(struct connection *connection, struct reply *reply)
{
    static struct reply sdp;
    sdp.used = 0;
    put_filled(&sdp, SDP, connection);
    put_filled(reply, "Content-Base: rtsp://{address}:{rtsp}/onvif-media/media.amp/\r\nContent-Type: application/sdp\r\n",
               connection);
    put_format(reply, "Content-Length: %zu\r\n\r\n", sdp.used);
    put(reply, sdp.data, sdp.used);
}

static void set_up(struct connection *connection, const char *head, struct reply *reply)
{
    char transport[256] = "";
    field(head, "Transport", transport, sizeof transport);
    const char *channels = strstr(transport, "interleaved=");
    connection->channel = channels ? (uint8_t)(atoi(channels + 12) & 0x7E) : 0;
    connection->session = 100000000 + connection->address % 900000000;
    connection->sequence = 1;
    city.counts.sessions++;
    put_format(reply,
               "Session: %u;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=%d-%d;ssrc=%08X;mode=\"PLAY\"\r\n\r\n",
               connection->session, connection->channel, connection->channel + 1, connection->address);
}

static void answer(struct connection *connection, const char *head, struct reply *reply)
{
    char method[16], url[1024], sequence[16] = "0", realm[32];
    city.counts.rtsp++;
    if (sscanf(head, "%15s %1023s", method, url) != 2)
        *method = *url = 0;
    field(head, "CSeq", sequence, sizeof sequence);
    snprintf(realm, sizeof realm, "AXIS_B8A44F%06X", connection->address & 0xFFFFFF);
    if (strcmp(method, "OPTIONS") == 0) {
        put_head(reply, "200 OK", sequence);
        put_text(reply, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER, PAUSE\r\n\r\n");
    } else if (!strstr(url, PATH)) {
        put_head(reply, "404 Not Found", sequence);
        put_text(reply, "\r\n");
    } else if (!proves(head, method, realm, connection->nonce)) {
        put_head(reply, "401 Unauthorized", sequence);
        put_format(reply, "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\"\r\n\r\n", realm, connection->nonce);
    } else if (strcmp(method, "DESCRIBE") == 0) {
        put_head(reply, "200 OK", sequence);
        describe(connection, reply);
    } else if (strcmp(method, "SETUP") == 0) {
        put_head(reply, "200 OK", sequence);
        set_up(connection, head, reply);
    } else if (!connection->session) {
        put_head(reply, "454 Session Not Found", sequence);
        put_text(reply, "\r\n");
    } else {
        put_head(reply, "200 OK", sequence);
        put_format(reply, "Session: %u\r\n\r\n", connection->session);
        connection->playing = strcmp(method, "TEARDOWN") != 0 && (connection->playing || strcmp(method, "PLAY") == 0);
        if (strcmp(method, "PLAY") == 0)
            put_picture(connection, reply, true);
    }
}

bool answer_rtsp(struct connection *connection, struct reply *reply)
{
    while (connection->used) {
        char *head = connection->request, *end;
        size_t size;
        if (*head == '$') { /* what a client reports of its reception is passed over */
            size = connection->used < 4 ? REQUEST_BYTES : 4 + ((size_t)(uint8_t)head[2] << 8) + (uint8_t)head[3];
            if (connection->used < size)
                return true;
        } else {
            end = strstr(head, "\r\n\r\n");
            if (!end)
                return connection->used < REQUEST_BYTES;
            *end = 0;
            size = (size_t)(end - head) + 4;
            answer(connection, head, reply);
        }
        connection->used -= size;
        memmove(head, head + size, connection->used + 1);
    }
    return true;
}
