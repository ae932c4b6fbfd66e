/* What is asked of the responder itself, line by line: cameras that fall silent or hang, and what was answered. */
#include "responder.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct range {
    uint32_t first, end;
} silent, hung;

static bool within(struct range range, uint32_t address)
{
    return address >= range.first && address < range.end;
}

bool is_mute(uint32_t address)
{
    return within(silent, address) || within(hung, address);
}

/* Have the kernel drop what comes for silent cameras, a SYN above all: the destination stands at 16 of the IP header. */
static void silence(void)
{
    struct sock_filter drop[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + 16),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, silent.first, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, silent.end, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {sizeof drop / sizeof *drop, drop};
    for (int i = 0; i < SERVICES; i++)
        if (sockets[i] && setsockopt(sockets[i], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
            fail("SO_ATTACH_FILTER");
}

static void tell(void)
{
    struct counts *c = &city.counts;
    printf("{\"connections\": %lu, \"open\": %lu, \"http\": %lu, \"rtsp\": %lu, \"snmp\": %lu, \"unanswered\": %lu, "
           "\"refused\": %lu, \"sessions\": %lu, \"packets\": %lu, \"cut\": %lu}\n",
           c->connections, c->open, c->http, c->rtsp, c->snmp, c->unanswered, c->refused, c->sessions, c->packets, c->cut);
}

static void obey(const char *line)
{
    unsigned first, count;
    if (strcmp(line, "stats") == 0) {
        tell();
        return;
    }
    if (sscanf(line, "silent %u %u", &first, &count) == 2) {
        silent = (struct range){city.first + first, city.first + first + count};
    } else if (sscanf(line, "hung %u %u", &first, &count) == 2) {
        hung = (struct range){city.first + first, city.first + first + count};
    } else if (strcmp(line, "heal") == 0) {
        silent = hung = (struct range){0, 0};
    } else {
        puts("{\"error\": \"silent FIRST COUNT, hung FIRST COUNT, heal or stats\"}");
        return;
    }
    silence();
    puts("{}");
}

/* Read what stands on the standard input; false at its end. */
bool obeyed(void)
{
    static char text[256];
    static size_t used;
    ssize_t size = read(STDIN_FILENO, text + used, sizeof text - 1 - used);
    if (size <= 0)
        return false;
    text[used += (size_t)size] = 0;
    for (char *end; (end = strchr(text, '\n'));) {
        *end = 0;
        obey(text);
        used -= (size_t)(end + 1 - text);
        memmove(text, end + 1, used + 1);
    }
    if (used == sizeof text - 1)
        used = 0;
    fflush(stdout);
    return true;
}
