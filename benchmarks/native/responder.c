/* Any number of healthy cameras on 127.0.0.0/8 at the same ports, in one process: ONVIF, RTSP and SNMP.
 *
 *   responder --first ADDRESS --username NAME --password WORD --community WORD [--certificate PEM]
 *
 * Listens on free ports of the device lo alone and writes them as one line of JSON. Every address of it is a healthy
 * camera of its own serial number. Lines on the standard input change that, and its end ends the program:
 *
 *   silent FIRST COUNT   the cameras from number FIRST on answer nothing: the kernel drops what is sent to them
 *   hung FIRST COUNT     they accept connections and answer nothing
 *   heal                 all are healthy again
 *   stats                one line of JSON: what was answered since the start
 *
 * Each is answered by one line. */
#include "responder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 256, DATAGRAMS = 64, DATAGRAM_BYTES = 1500, RECEIVE_BYTES = 4 << 20 };
enum { TICK_MS = 100, IDLE_MS = 70000, INPUT = SERVICES };

struct city city;
static const char *const NAMES[SERVICES] = {"token", "digest", "tls", "rtsp", "snmp"};
int sockets[SERVICES];
static int epoll;
static struct connection **connections; /* by descriptor */
static size_t most;
static struct reply reply;

void fail(const char *what)
{
    fprintf(stderr, "responder: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Connections ------------------------------------------------------------------------------------------------------ */

static void hang_up(struct connection *connection)
{
    city.counts.open--;
    connections[connection->fd] = NULL;
    SSL_free(connection->tls);
    close(connection->fd);
    free(connection);
}

/* Write what stands in ``reply``. A client that leaves a buffer of megabytes unread is not waited for. */
static bool written(struct connection *connection)
{
    size_t size = reply.used;
    reply.used = 0;
    if (!size)
        return true;
    ssize_t sent = connection->tls ? SSL_write(connection->tls, reply.data, (int)size)
                                   : send(connection->fd, reply.data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    city.counts.cut += sent != (ssize_t)size;
    return sent == (ssize_t)size;
}

/* How many bytes came: 0 for none yet, -1 where the client has gone. */
static ssize_t received(struct connection *connection)
{
    char *at = connection->request + connection->used;
    size_t room = REQUEST_BYTES - connection->used;
    if (!connection->tls) {
        ssize_t size = recv(connection->fd, at, room, MSG_DONTWAIT);
        return size > 0 ? size : size < 0 && errno == EAGAIN ? 0 : -1;
    }
    ERR_clear_error();
    int size = SSL_read(connection->tls, at, (int)room);
    if (size > 0)
        return size;
    int why = SSL_get_error(connection->tls, size);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static void converse(struct connection *connection)
{
    ssize_t size;
    do {
        size = received(connection);
        if (size < 0 || connection->used + (size_t)size >= REQUEST_BYTES) {
            hang_up(connection);
            return;
        }
        connection->heard_ms = now_ms();
        connection->used += (size_t)size;
        connection->request[connection->used] = 0;
        if (is_mute(connection->address)) {
            city.counts.unanswered += size > 0;
            connection->used = 0;
            return;
        }
        bool goes_on = (connection->service == RTSP ? answer_rtsp : answer_onvif)(connection, &reply);
        if (!written(connection) || !goes_on) {
            hang_up(connection);
            return;
        }
    } while (connection->tls && size > 0); /* what OpenSSL has read ahead, epoll does not tell of */
}

static void welcome(enum service service)
{
    for (int i = 0; i < EVENTS; i++) {
        struct sockaddr_in own;
        socklen_t size = sizeof own;
        int fd = accept4(sockets[service], NULL, NULL, SOCK_NONBLOCK), on = 1;
        if (fd < 0)
            return;
        struct connection *connection = (size_t)fd < most ? malloc(sizeof *connection) : NULL;
        if (!connection || getsockname(fd, (struct sockaddr *)&own, &size) < 0) {
            free(connection);
            close(fd);
            continue;
        }
        memset(connection, 0, offsetof(struct connection, request));
        connection->fd = fd;
        connection->service = service;
        connection->address = ntohl(own.sin_addr.s_addr);
        connection->heard_ms = now_ms();
        connection->tls = service == TLS ? SSL_new(city.tls) : NULL;
        if (connection->tls) {
            SSL_set_fd(connection->tls, fd);
            SSL_set_accept_state(connection->tls);
        }
        city.counts.connections++;
        city.counts.open++;
        city.secret = city.secret * 6364136223846793005u + 1442695040888963407u;
        snprintf(connection->nonce, sizeof connection->nonce, "%016llx", (unsigned long long)city.secret);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections[fd] = connection;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

/* Ten times a second: a picture for whoever plays, and an end for connections that nobody uses. */
static void tick(void)
{
    uint64_t now = now_ms();
    unsigned long left = city.counts.open;
    for (size_t fd = 0; fd < most && left; fd++) {
        struct connection *connection = connections[fd];
        if (!connection)
            continue;
        left--;
        bool mute = is_mute(connection->address);
        if (connection->playing && !mute)
            put_picture(connection, &reply, false);
        if (!written(connection) || now - connection->heard_ms > IDLE_MS)
            hang_up(connection);
    }
}

/* SNMP ------------------------------------------------------------------------------------------------------------- */

static void answer_datagrams(void)
{
    static uint8_t in[DATAGRAMS][DATAGRAM_BYTES], out[DATAGRAMS][DATAGRAM_BYTES];
    static char control[DATAGRAMS][CMSG_SPACE(sizeof(struct in_pktinfo))];
    static struct sockaddr_in peers[DATAGRAMS];
    struct mmsghdr messages[DATAGRAMS];
    struct iovec parts[DATAGRAMS];
    for (int i = 0; i < DATAGRAMS; i++) {
        parts[i] = (struct iovec){in[i], sizeof in[i]};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = peers + i, .msg_namelen = sizeof *peers, .msg_iov = parts + i, .msg_iovlen = 1,
            .msg_control = control[i], .msg_controllen = sizeof control[i]};
    }
    int count = recvmmsg(sockets[SNMP], messages, DATAGRAMS, MSG_DONTWAIT, NULL), answers = 0;
    for (int i = 0; i < count; i++) {
        struct cmsghdr *told = CMSG_FIRSTHDR(&messages[i].msg_hdr);
        if (!told || told->cmsg_type != IP_PKTINFO)
            continue;
        struct in_pktinfo *to = (struct in_pktinfo *)CMSG_DATA(told);
        uint32_t address = ntohl(to->ipi_addr.s_addr);
        bool mute = is_mute(address);
        size_t size = mute ? 0 : answer_snmp(in[i], messages[i].msg_len, address, out[i]);
        if (!size) {
            city.counts.unanswered++;
            continue;
        }
        *to = (struct in_pktinfo){.ipi_spec_dst = to->ipi_addr}; /* answered from where it was asked */
        parts[i] = (struct iovec){out[i], size};
        messages[answers++].msg_hdr = messages[i].msg_hdr;
    }
    if (answers)
        sendmmsg(sockets[SNMP], messages, (unsigned)answers, MSG_DONTWAIT);
}

/* The start -------------------------------------------------------------------------------------------------------- */

static void listen_on(enum service service)
{
    int on = 1, room = RECEIVE_BYTES, kind = service == SNMP ? SOCK_DGRAM : SOCK_STREAM;
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t size = sizeof any;
    int fd = sockets[service] = socket(AF_INET, kind | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo") < 0)
        fail("SO_BINDTODEVICE lo");
    if (service == SNMP) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    }
    if (bind(fd, (struct sockaddr *)&any, size) < 0 || (service != SNMP && listen(fd, BACKLOG) < 0))
        fail("bind");
    getsockname(fd, (struct sockaddr *)&any, &size);
    city.ports[service] = ntohs(any.sin_port);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = service};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static SSL_CTX *encryption(const char *file)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || SSL_CTX_use_certificate_chain_file(context, file) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1)
        fail(file);
    return context;
}

static void read_options(int count, char **words)
{
    static const struct option known[] = {{"first", 1, NULL, 'f'},     {"username", 1, NULL, 'u'},
                                          {"password", 1, NULL, 'p'},  {"community", 1, NULL, 'c'},
                                          {"certificate", 1, NULL, 't'}, {"awake", 0, NULL, 'a'},
                                          {NULL, 0, NULL, 0}};
    struct in_addr first = {0};
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
        if (option == 'f' && inet_pton(AF_INET, optarg, &first) == 1)
            city.first = ntohl(first.s_addr);
        else if (option == 'u')
            city.username = optarg;
        else if (option == 'p')
            city.password = optarg;
        else if (option == 'c')
            city.community = optarg;
        else if (option == 't')
            city.tls = encryption(optarg);
        else if (option == 'a')
            city.awake = true;
    }
    if (city.first >> 24 != 127 || !city.username || !city.password || !city.community) {
        fputs("responder: --first 127.x.y.z, --username, --password and --community are needed\n", stderr);
        exit(2);
    }
}

static void make_room(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max = files.rlim_max > 1 << 20 ? 1 << 20 : files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    most = files.rlim_cur;
    connections = calloc(most, sizeof *connections);
    if (!connections || getrandom(&city.secret, sizeof city.secret, 0) < 0)
        fail("memory");
}

int main(int count, char **words)
{
    read_options(count, words);
    make_room();
    prepare_snmp();
    epoll = epoll_create1(0);
    for (int service = 0; service < SERVICES; service++)
        if (service != TLS || city.tls)
            listen_on(service);
    struct epoll_event input = {.events = EPOLLIN, .data.u64 = INPUT}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    for (int service = 0; service < SERVICES; service++)
        printf("%s\"%s\": %u", service ? ", " : "{", NAMES[service], city.ports[service]);
    puts("}");
    fflush(stdout);
    for (uint64_t due = now_ms() + TICK_MS;;) {
        int ready = epoll_wait(epoll, events, EVENTS, city.awake ? 0 : TICK_MS);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u64 > INPUT)
                converse(events[i].data.ptr);
            else if (events[i].data.u64 == INPUT) {
                if (!obeyed())
                    return 0;
            } else if (events[i].data.u64 == SNMP)
                answer_datagrams();
            else
                welcome((enum service)events[i].data.u64);
        }
        if (now_ms() >= due) {
            due = now_ms() + TICK_MS;
            tick();
        }
    }
}
