/* Any number of healthy cameras on 127.0.0.0/8, one process: what its protocols share. */
#ifndef RESPONDER_H
#define RESPONDER_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_BYTES = 8192, REPLY_BYTES = 65536, NONCE_BYTES = 17 };

/* How a port is served: ONVIF with a WS-UsernameToken, with HTTP Digest, over TLS; RTSP; SNMP. */
enum service { TOKEN, DIGEST, TLS, RTSP, SNMP, SERVICES };

/* What was answered since the start. */
struct counts {
    unsigned long connections, open, http, rtsp, snmp, unanswered, refused, sessions, packets, cut;
};

/* What all cameras have in common, and how they are asked. */
struct city {
    const char *username, *password, *community;
    uint32_t first; /* the address of camera 0, in host order */
    bool awake; /* looks for work all the time, so that nobody who sends has to wake it */
    uint16_t ports[SERVICES];
    SSL_CTX *tls;
    uint64_t secret; /* nonces are told from it */
    struct counts counts;
};
extern struct city city;

/* A TCP connection to one camera, with what has come of its next request. */
struct connection {
    int fd;
    enum service service;
    uint32_t address; /* the camera's, in host order */
    uint64_t heard_ms;
    SSL *tls;
    char nonce[NONCE_BYTES];
    uint32_t session; /* 0: none was set up */
    uint8_t channel;
    bool playing;
    uint16_t sequence;
    uint32_t timestamp;
    size_t used;
    char request[REQUEST_BYTES + 1];
};

/* A reply that is being written; what does not fit is left out and fails the check that reads it. */
struct reply {
    size_t used;
    char data[REPLY_BYTES];
};
void put(struct reply *reply, const void *data, size_t size);
void put_text(struct reply *reply, const char *text);
/* As printf. */
void put_format(struct reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text, with {address}, {serial}, {mac}, {onvif} and {rtsp} replaced by this connection's. */
void put_filled(struct reply *reply, const char *text, const struct connection *connection);

/* Each takes complete requests from the connection's bytes and writes their replies; false: close it after them. */
bool answer_onvif(struct connection *connection, struct reply *reply);
bool answer_rtsp(struct connection *connection, struct reply *reply);
/* The next picture of a connection that plays. */
void put_picture(struct connection *connection, struct reply *reply, bool key);

/* The value of a header field in a head that ends with a zero byte; false where it has none. */
bool field(const char *head, const char *name, char *value, size_t size);
/* Whether the Authorization of a head proves the password for this nonce (RFC 7616; RFC 2617 without qop). */
bool proves(const char *head, const char *method, const char *realm, const char *nonce);

/* The size of the answer to a datagram, or 0 for none. ``out`` has room for 1,500 bytes. */
size_t answer_snmp(const uint8_t *data, size_t size, uint32_t address, uint8_t *out);
void prepare_snmp(void);

/* The sockets that are listened on, by service; 0 where one is not. */
extern int sockets[SERVICES];
/* Whether a camera answers nothing now. */
bool is_mute(uint32_t address);
/* Do what stands on the standard input; false at its end. */
bool obeyed(void);

void fail(const char *what);
uint64_t now_ms(void);
#endif
