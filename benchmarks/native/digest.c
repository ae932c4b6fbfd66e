/* The server's side of Digest authentication: MD5 and SHA-256, with and without qop. */
#include "responder.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEX = 2 * EVP_MAX_MD_SIZE + 1, TEXT = 1024 };

bool field(const char *head, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':')
            continue;
        const char *start = line + 2 + length + 1;
        start += strspn(start, " \t");
        return (size_t)snprintf(value, size, "%.*s", (int)strcspn(start, "\r\n"), start) < size;
    }
    return false;
}

/* A parameter's value, quoted or not: name=value or name="value". */
static bool parameter(const char *text, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *at = strcasestr(text, name); at; at = strcasestr(at + 1, name)) {
        if (at[length] != '=' || (at > text && at[-1] != ' ' && at[-1] != ','))
            continue;
        const char *start = at + length + 1;
        bool quoted = *start == '"';
        start += quoted;
        size_t span = strcspn(start, quoted ? "\"" : ", \r\n");
        return (size_t)snprintf(value, size, "%.*s", (int)span, start) < size;
    }
    *value = 0;
    return false;
}

static void hashed(const EVP_MD *kind, const char *text, char hex[HEX])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text, strlen(text), raw, &size, kind, NULL);
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
}

bool proves(const char *head, const char *method, const char *realm, const char *nonce)
{
    char answer[TEXT], name[128], told[128], uri[512], response[HEX], algorithm[32], qop[16], count[16], client[128];
    if (!field(head, "Authorization", answer, sizeof answer) || strncasecmp(answer, "Digest ", 7) != 0)
        return false;
    if (!parameter(answer, "username", name, sizeof name) || !parameter(answer, "nonce", told, sizeof told) ||
        !parameter(answer, "uri", uri, sizeof uri) || !parameter(answer, "response", response, sizeof response))
        return false;
    parameter(answer, "algorithm", algorithm, sizeof algorithm);
    bool with_qop = parameter(answer, "qop", qop, sizeof qop) && parameter(answer, "nc", count, sizeof count) &&
                    parameter(answer, "cnonce", client, sizeof client);
    const EVP_MD *kind = strcasecmp(algorithm, "SHA-256") == 0 ? EVP_sha256() : EVP_md5();
    char text[2 * TEXT], who[HEX], what[HEX], expected[HEX];
    snprintf(text, sizeof text, "%s:%s:%s", city.username, realm, city.password);
    hashed(kind, text, who);
    snprintf(text, sizeof text, "%s:%s", method, uri);
    hashed(kind, text, what);
    if (with_qop)
        snprintf(text, sizeof text, "%s:%s:%s:%s:%s:%s", who, nonce, count, client, qop, what);
    else
        snprintf(text, sizeof text, "%s:%s:%s", who, nonce, what);
    hashed(kind, text, expected);
    bool good = strcmp(name, city.username) == 0 && strcmp(told, nonce) == 0 && strcasecmp(response, expected) == 0;
    city.counts.refused += !good;
    return good;
}
