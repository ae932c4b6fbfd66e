/* The limit: the same full check as cheaply as a program in C can hold it, with nothing learnt and nothing kept.
 *
 *   client --first ADDRESS --cameras N --onvif PORT --rtsp PORT --snmp PORT --path PATH --username NAME --password WORD
 *          --get HEX --checks N --in-flight N --parts ors
 *
 * A check is, over new connections: ONVIF's time and device information with a WS-UsernameToken; RTSP's OPTIONS,
 * DESCRIBE and DESCRIBE with the digest; one SNMP GET, sent and received in batches over one socket. Writes one line of
 * JSON: checks, failures, cpu_us and wall_us of all. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REPLY_BYTES = 8192, TEXT_BYTES = 2048, EVENTS = 256, BATCH = 64, WAIT_MS = 5000, TICK_MS = 200 };
enum step { TIME, INFORMATION, OPTIONS, DESCRIBE, PROVE, GET, DONE };

struct check {
    int fd;
    enum step step;
    bool sent;
    uint32_t address;
    uint64_t due_ms;
    size_t used;
    char reply[REPLY_BYTES + 1];
};

static struct {
    uint32_t first, cameras, checks, in_flight;
    uint16_t onvif, rtsp, snmp;
    const char *path, *username, *password, *parts;
    uint8_t get[256];
    size_t get_size, id_at;
} plan;
static struct check *slots;
static uint32_t begun, ended, failures, waiting[BATCH];
static unsigned batched;
static int epoll, datagrams;
static EVP_MD *md5, *sha1;

static void next_step(struct check *check, enum step step);

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void begin(struct check *check)
{
    check->fd = -1;
    if (begun == plan.checks) {
        check->step = DONE;
        return;
    }
    check->address = plan.first + begun++ % plan.cameras;
    check->due_ms = now_ms() + WAIT_MS;
    next_step(check, TIME);
}

static void finish(struct check *check, bool good)
{
    if (check->fd >= 0)
        close(check->fd);
    ended++;
    failures += !good;
    begin(check);
}

/* Requests --------------------------------------------------------------------------------------------------------- */

static size_t soap(const struct check *check, char *text, const char *operation, const char *header)
{
    char body[TEXT_BYTES];
    uint32_t a = check->address;
    int size = snprintf(body, sizeof body,
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">%s<s:Body>"
                        "<%s xmlns=\"http://www.onvif.org/ver10/device/wsdl\"></%s></s:Body></s:Envelope>",
                        header, operation, operation);
    return (size_t)snprintf(text, 2 * TEXT_BYTES,
                            "POST /onvif/device_service HTTP/1.1\r\nHost: %u.%u.%u.%u:%u\r\n"
                            "Content-Type: application/soap+xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
                            a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, plan.onvif, size, body);
}

#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"

static size_t information(const struct check *check, char *text)
{
    static uint64_t nonce[2];
    char header[TEXT_BYTES], created[32], proof[64], shown[32];
    unsigned char hash[EVP_MAX_MD_SIZE], input[256];
    time_t now = time(NULL);
    struct tm t;
    if (!nonce[0] && getrandom(nonce, sizeof nonce, 0) < 0)
        exit(1);
    nonce[1]++;
    size_t stamp = strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &t));
    memcpy(input, nonce, sizeof nonce);
    memcpy(input + sizeof nonce, created, stamp);
    size_t secret = strlen(plan.password);
    memcpy(input + sizeof nonce + stamp, plan.password, secret);
    EVP_Digest(input, sizeof nonce + stamp + secret, hash, NULL, sha1, NULL);
    EVP_EncodeBlock((unsigned char *)proof, hash, 20);
    EVP_EncodeBlock((unsigned char *)shown, (unsigned char *)nonce, sizeof nonce);
    snprintf(header, sizeof header,
             "<s:Header><Security s:mustUnderstand=\"1\" xmlns=\"" WSS "wssecurity-secext-1.0.xsd\"><UsernameToken>"
             "<Username>%s</Username><Password Type=\"" WSS "username-token-profile-1.0#PasswordDigest\">%s</Password>"
             "<Nonce EncodingType=\"" WSS "soap-message-security-1.0#Base64Binary\">%s</Nonce>"
             "<Created xmlns=\"" WSS "wssecurity-utility-1.0.xsd\">%s</Created></UsernameToken></Security></s:Header>",
             plan.username, proof, shown, created);
    return soap(check, text, "GetDeviceInformation", header);
}

static size_t rtsp(const struct check *check, char *text, const char *method, int number, const char *more)
{
    uint32_t a = check->address;
    return (size_t)snprintf(text, 2 * TEXT_BYTES, "%s rtsp://%u.%u.%u.%u:%u%s RTSP/1.0\r\nCSeq: %d\r\n%s\r\n", method,
                            a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, plan.rtsp, plan.path, number, more);
}

static void hashed(const char *text, char hex[33])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    EVP_Digest(text, strlen(text), raw, NULL, md5, NULL);
    for (int i = 0; i < 16; i++) {
        hex[2 * i] = "0123456789abcdef"[raw[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
    }
    hex[32] = 0;
}

/* The second DESCRIBE, which answers the challenge that stands in the reply to the first; 0 where there is none. */
static size_t proof(const struct check *check, char *text)
{
    char realm[64], nonce[64], uri[512], line[TEXT_BYTES], who[33], what[33], answer[33];
    uint32_t a = check->address;
    const char *challenge = strstr(check->reply, "WWW-Authenticate: Digest realm=\"");
    const char *form = "WWW-Authenticate: Digest realm=\"%63[^\"]\", nonce=\"%63[^\"]\"";
    if (!challenge || sscanf(challenge, form, realm, nonce) != 2)
        return 0;
    snprintf(uri, sizeof uri, "rtsp://%u.%u.%u.%u:%u%s", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, plan.rtsp,
             plan.path);
    snprintf(line, sizeof line, "%s:%s:%s", plan.username, realm, plan.password);
    hashed(line, who);
    snprintf(line, sizeof line, "DESCRIBE:%s", uri);
    hashed(line, what);
    snprintf(line, sizeof line, "%s:%s:%s", who, nonce, what);
    hashed(line, answer);
    snprintf(line, sizeof line,
             "Accept: application/sdp\r\nAuthorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
             "uri=\"%s\", response=\"%s\"\r\n",
             plan.username, realm, nonce, uri, answer);
    return rtsp(check, text, "DESCRIBE", 3, line);
}

static bool asked(struct check *check)
{
    char text[2 * TEXT_BYTES];
    size_t size = 0;
    switch (check->step) {
    case TIME: size = soap(check, text, "GetSystemDateAndTime", ""); break;
    case INFORMATION: size = information(check, text); break;
    case OPTIONS: size = rtsp(check, text, "OPTIONS", 1, ""); break;
    case DESCRIBE: size = rtsp(check, text, "DESCRIBE", 2, "Accept: application/sdp\r\n"); break;
    case PROVE: size = proof(check, text); break;
    default: break;
    }
    check->used = 0;
    check->sent = true;
    return size && send(check->fd, text, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Replies ---------------------------------------------------------------------------------------------------------- */

/* Whether the whole reply has come. */
static bool whole(const struct check *check)
{
    const char *end = strstr(check->reply, "\r\n\r\n"), *length = strstr(check->reply, "Content-Length:");
    if (!end)
        return false;
    size_t body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
    return check->used >= (size_t)(end - check->reply) + 4 + body;
}

static bool number(const char *text, const char *tag, int *value)
{
    const char *at = strstr(text, tag);
    return at && sscanf(at + strlen(tag), "%d", value) == 1;
}

/* Whether the camera's clock is right within a minute. */
static bool is_now(const char *reply)
{
    struct tm t = {0};
    const char *utc = strstr(reply, "UTCDateTime>");
    if (!utc || !number(utc, "Hour>", &t.tm_hour) || !number(utc, "Minute>", &t.tm_min) ||
        !number(utc, "Second>", &t.tm_sec) || !number(utc, "Year>", &t.tm_year) || !number(utc, "Month>", &t.tm_mon) ||
        !number(utc, "Day>", &t.tm_mday))
        return false;
    t.tm_year -= 1900, t.tm_mon -= 1;
    return labs((long)(timegm(&t) - time(NULL))) <= 60;
}

static bool is_good(const struct check *check)
{
    switch (check->step) {
    case TIME: return strncmp(check->reply, "HTTP/1.1 200", 12) == 0 && is_now(check->reply);
    case INFORMATION:
        return strncmp(check->reply, "HTTP/1.1 200", 12) == 0 && strstr(check->reply, "SerialNumber>");
    case OPTIONS: return strncmp(check->reply, "RTSP/1.0 200", 12) == 0;
    case DESCRIBE: return strncmp(check->reply, "RTSP/1.0 401", 12) == 0;
    case PROVE: return strncmp(check->reply, "RTSP/1.0 200", 12) == 0 && strstr(check->reply, "m=video");
    default: return false;
    }
}

static void converse(struct check *check, uint32_t events)
{
    if (!check->sent && (events & EPOLLOUT) && !asked(check)) {
        finish(check, false);
        return;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t size = recv(check->fd, check->reply + check->used, REPLY_BYTES - check->used, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        finish(check, false);
        return;
    }
    check->reply[check->used += (size_t)size] = 0;
    if (!whole(check))
        return;
    if (!is_good(check))
        finish(check, false);
    else
        next_step(check, check->step + 1);
}

/* SNMP ------------------------------------------------------------------------------------------------------------- */

static void send_batch(void)
{
    static uint8_t out[BATCH][sizeof plan.get];
    struct sockaddr_in to[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    for (unsigned i = 0; i < batched; i++) {
        uint32_t id = htonl(waiting[i] | 0x40000000);
        memcpy(out[i], plan.get, plan.get_size);
        memcpy(out[i] + plan.id_at, &id, sizeof id);
        to[i] = (struct sockaddr_in){AF_INET, htons(plan.snmp), {htonl(slots[waiting[i]].address)}, {0}};
        parts[i] = (struct iovec){out[i], plan.get_size};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = to + i, .msg_namelen = sizeof *to, .msg_iov = parts + i, .msg_iovlen = 1};
    }
    if (batched)
        sendmmsg(datagrams, messages, batched, 0);
    batched = 0;
}

/* Step into (or over) one value; its content's size, or -1 where it is cut off. */
static ssize_t value(const uint8_t **at, const uint8_t *end)
{
    if (end - *at < 2)
        return -1;
    size_t size = (*at)[1];
    *at += 2;
    for (size_t bytes = size & 0x80 ? size & 0x7F : 0, total = 0; bytes; size = total) {
        if (*at == end || bytes > 4)
            return -1;
        total = total << 8 | *(*at)++;
        bytes--;
    }
    return (size_t)(end - *at) >= size ? (ssize_t)size : -1;
}

/* The slot that a reply without error, with a value for each object, belongs to; -1 for none. */
static int64_t answered(const uint8_t *at, size_t size)
{
    const uint8_t *end = at + size;
    uint32_t id;
    if (value(&at, end) < 0) /* the message */
        return -1;
    for (int i = 0; i < 2; i++) { /* version, community */
        ssize_t length = value(&at, end);
        if (length < 0)
            return -1;
        at += length;
    }
    if (value(&at, end) < 0 || value(&at, end) != 4) /* the PDU, and its number */
        return -1;
    memcpy(&id, at, sizeof id);
    at += 4;
    for (int i = 0; i < 2; i++) { /* error status and index: one byte of 0 each */
        if (value(&at, end) != 1 || *at++)
            return -1;
    }
    if (value(&at, end) < 0) /* the bindings */
        return -1;
    while (at < end) {
        if (value(&at, end) < 0)
            return -1;
        ssize_t name = value(&at, end);
        if (name < 0 || (at += name) >= end || (*at & 0xF0) == 0x80) /* no such object */
            return -1;
        ssize_t length = value(&at, end);
        if (length < 0)
            return -1;
        at += length;
    }
    return ntohl(id) & 0x3FFFFFFF;
}

static void receive_batch(void)
{
    static uint8_t in[BATCH][1500];
    struct sockaddr_in from[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){in[i], sizeof in[i]};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = from + i, .msg_namelen = sizeof *from, .msg_iov = parts + i, .msg_iovlen = 1};
    }
    int count = recvmmsg(datagrams, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        int64_t slot = answered(in[i], messages[i].msg_len);
        if (slot >= 0 && slot < plan.in_flight && slots[slot].step == GET &&
            slots[slot].address == ntohl(from[i].sin_addr.s_addr))
            finish(slots + slot, true);
    }
}

/* The checks ------------------------------------------------------------------------------------------------------- */

static bool connected(struct check *check, uint16_t port)
{
    struct sockaddr_in to = {AF_INET, htons(port), {htonl(check->address)}, {0}};
    int on = 1;
    if (check->fd >= 0)
        close(check->fd);
    check->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    check->sent = false;
    setsockopt(check->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = check};
    return check->fd >= 0 && (connect(check->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS) &&
           epoll_ctl(epoll, EPOLL_CTL_ADD, check->fd, &event) == 0;
}

static void next_step(struct check *check, enum step step)
{
    if (step == TIME && !strchr(plan.parts, 'o'))
        step = OPTIONS;
    if (step == OPTIONS && !strchr(plan.parts, 'r'))
        step = GET;
    if (step == GET && !strchr(plan.parts, 's'))
        step = DONE;
    check->step = step;
    if (step == DONE) {
        finish(check, true);
    } else if (step == GET) {
        if (check->fd >= 0)
            close(check->fd);
        check->fd = -1;
        waiting[batched++] = (uint32_t)(check - slots);
        if (batched == BATCH)
            send_batch();
    } else if (step == TIME || step == OPTIONS) {
        if (!connected(check, step == TIME ? plan.onvif : plan.rtsp))
            finish(check, false);
    } else if (!asked(check)) {
        finish(check, false);
    }
}

static void run(void)
{
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN, .data.ptr = NULL};
    int room = 4 << 20;
    epoll = epoll_create1(0);
    datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    setsockopt(datagrams, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    epoll_ctl(epoll, EPOLL_CTL_ADD, datagrams, &event);
    for (uint32_t i = 0; i < plan.in_flight; i++)
        begin(slots + i);
    for (uint64_t look = now_ms() + TICK_MS; ended < plan.checks;) {
        send_batch();
        int ready = epoll_wait(epoll, events, EVENTS, TICK_MS);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr)
                converse(events[i].data.ptr, events[i].events);
            else
                receive_batch();
        }
        if (now_ms() < look)
            continue;
        look = now_ms() + TICK_MS;
        for (struct check *check = slots; check < slots + plan.in_flight; check++)
            if (check->step != DONE && now_ms() > check->due_ms)
                finish(check, false);
    }
}

static void read_get(const char *hex)
{
    static const uint8_t mark[] = {2, 4, 0x40, 0, 0, 0}; /* the request's number, which is put in anew each time */
    for (; hex[0] && hex[1] && plan.get_size < sizeof plan.get; hex += 2)
        sscanf(hex, "%2hhx", plan.get + plan.get_size++);
    const uint8_t *at = memmem(plan.get, plan.get_size, mark, sizeof mark);
    plan.id_at = at ? (size_t)(at - plan.get) + 2 : 0;
}

static void read_options(int count, char **words)
{
    static const struct option known[] = {
        {"first", 1, NULL, 'f'}, {"cameras", 1, NULL, 'n'},  {"onvif", 1, NULL, 'o'},    {"rtsp", 1, NULL, 'r'},
        {"snmp", 1, NULL, 's'},  {"path", 1, NULL, 'a'},     {"username", 1, NULL, 'u'}, {"password", 1, NULL, 'p'},
        {"get", 1, NULL, 'g'},   {"checks", 1, NULL, 'c'},   {"in-flight", 1, NULL, 'i'}, {"parts", 1, NULL, 'w'},
        {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
        unsigned long figure = optarg ? strtoul(optarg, NULL, 10) : 0;
        switch (option) {
        case 'f': plan.first = ntohl(inet_addr(optarg)); break;
        case 'n': plan.cameras = (uint32_t)figure; break;
        case 'o': plan.onvif = (uint16_t)figure; break;
        case 'r': plan.rtsp = (uint16_t)figure; break;
        case 's': plan.snmp = (uint16_t)figure; break;
        case 'a': plan.path = optarg; break;
        case 'u': plan.username = optarg; break;
        case 'p': plan.password = optarg; break;
        case 'g': read_get(optarg); break;
        case 'c': plan.checks = (uint32_t)figure; break;
        case 'i': plan.in_flight = (uint32_t)figure; break;
        case 'w': plan.parts = optarg; break;
        default: exit(2);
        }
    }
    if (plan.first >> 24 != 127 || !plan.cameras || !plan.path || !plan.username || !plan.password || !plan.id_at ||
        !plan.checks || !plan.in_flight || !plan.parts) {
        fputs("client: an option is missing or wrong; traffic goes to 127.0.0.0/8 alone\n", stderr);
        exit(2);
    }
}

static uint64_t cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int count, char **words)
{
    struct timespec began, over;
    read_options(count, words);
    md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    slots = calloc(plan.in_flight, sizeof *slots);
    if (!slots || !md5 || !sha1)
        return 1;
    uint64_t used = cpu_us();
    clock_gettime(CLOCK_MONOTONIC, &began);
    run();
    clock_gettime(CLOCK_MONOTONIC, &over);
    used = cpu_us() - used;
    long wall = (over.tv_sec - began.tv_sec) * 1000000 + (over.tv_nsec - began.tv_nsec) / 1000;
    printf("{\"checks\": %u, \"failures\": %u, \"cpu_us\": %llu, \"wall_us\": %ld}\n", ended, failures,
           (unsigned long long)used, wall);
    return 0;
}
