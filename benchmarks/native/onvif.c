/* ONVIF over HTTP: what a healthy camera tells of itself, in the words and the length of an Axis camera's replies. */
#include "responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOCAL_OFFSET_S = 5 * 3600 };

static const char HEAD[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\""
    " xmlns:SOAP-ENC=\"http://www.w3.org/2003/05/soap-encoding\" xmlns:tt=\"http://www.onvif.org/ver10/schema\""
    " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\""
    " xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\" xmlns:trc=\"http://www.onvif.org/ver10/recording/wsdl\""
    " xmlns:ter=\"http://www.onvif.org/ver10/error\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:wsa5=\"http://www.w3.org/2005/08/addressing\""
    " xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\""
    " xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\""
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xmime=\"http://tempuri.org/xmime.xsd\""
    " xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\""
    " xmlns:wstop=\"http://docs.oasis-open.org/wsn/t-1\" xmlns:wsrfbf=\"http://docs.oasis-open.org/wsrf/bf-2\""
    " xmlns:wsrfr=\"http://docs.oasis-open.org/wsrf/r-2\" xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\""
    " xmlns:timg=\"http://www.onvif.org/ver20/imaging/wsdl\" xmlns:tptz=\"http://www.onvif.org/ver20/ptz/wsdl\""
    " xmlns:tan=\"http://www.onvif.org/ver20/analytics/wsdl\" xmlns:tmd=\"http://www.onvif.org/ver10/deviceIO/wsdl\""
    " xmlns:trp=\"http://www.onvif.org/ver10/replay/wsdl\" xmlns:tse=\"http://www.onvif.org/ver10/search/wsdl\""
    " xmlns:tas=\"http://www.onvif.org/ver10/advancedsecurity/wsdl\" xmlns:tns1=\"http://www.onvif.org/ver10/topics\">"
    "<SOAP-ENV:Body>";
static const char TAIL[] = "</SOAP-ENV:Body></SOAP-ENV:Envelope>";

#define FAULT(code, subcode, words)                                                                                    \
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:" code "</SOAP-ENV:Value><SOAP-ENV:Subcode>"              \
    "<SOAP-ENV:Value>ter:" subcode "</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason>"             \
    "<SOAP-ENV:Text xml:lang=\"en\">" words "</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>"
static const char NOT_AUTHORIZED[] = FAULT("Sender", "NotAuthorized", "Sender not authorized");
static const char NOT_OFFERED[] = FAULT("Receiver", "ActionNotSupported", "Optional Action Not Implemented");

#define SERVICE(namespace, path, version)                                                                              \
    "<tds:Service><tds:Namespace>http://www.onvif.org/" namespace "/wsdl</tds:Namespace>"                              \
    "<tds:XAddr>{scheme}://{address}:{onvif}/onvif/" path "</tds:XAddr><tds:Version><tt:Major>" version "</tt:Major>"  \
    "<tt:Minor>6</tt:Minor></tds:Version></tds:Service>"
#define STREAM_PATH "/onvif-media/media.amp?profile=profile_1_h264_sub&amp;sessiontimeout=60&amp;streamtype=unicast"
#define SOURCE(prefix, tag)                                                                                            \
    "<" prefix tag " token=\"source_1\"><tt:Name>source_1</tt:Name><tt:UseCount>2</tt:UseCount>"                       \
    "<tt:SourceToken>source_1</tt:SourceToken><tt:Bounds x=\"0\" y=\"0\" width=\"640\" height=\"360\"></tt:Bounds>"    \
    "</" prefix tag ">"
#define PROFILE2(token, name, width, height)                                                                           \
    "<tr2:Profiles token=\"" token "\" fixed=\"true\"><tr2:Name>" name "</tr2:Name><tr2:Configurations>"               \
    SOURCE("tr2:", "VideoSource")                                                                                      \
    "<tr2:VideoEncoder token=\"encoder_" token "\" GovLength=\"10\" Profile=\"Baseline\"><tt:Name>encoder_" token      \
    "</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>" width             \
    "</tt:Width><tt:Height>" height "</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate=\"false\">"           \
    "<tt:FrameRateLimit>10</tt:FrameRateLimit><tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl>"                 \
    "<tt:Quality>50</tt:Quality></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>"

/* An operation: the element that asks for it, whether it needs a login, and what stands in the body of its reply. */
struct operation {
    const char *name;
    bool guarded;
    const char *content;
};
static const struct operation OPERATIONS[] = {
    {"GetSystemDateAndTime", false, NULL},
    {"GetDeviceInformation", true,
     "<tds:GetDeviceInformationResponse><tds:Manufacturer>AXIS</tds:Manufacturer><tds:Model>P3245-LVE</tds:Model>"
     "<tds:FirmwareVersion>10.12.240</tds:FirmwareVersion><tds:SerialNumber>{serial}</tds:SerialNumber>"
     "<tds:HardwareId>7A5</tds:HardwareId></tds:GetDeviceInformationResponse>"},
    {"GetServices", false,
     "<tds:GetServicesResponse>" SERVICE("ver10/device", "device_service", "20") SERVICE("ver10/media", "services", "2")
         SERVICE("ver20/media", "services", "2") "</tds:GetServicesResponse>"},
    {"GetCapabilities", false,
     "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>{scheme}://{address}:{onvif}/onvif/"
     "device_service</tt:XAddr></tt:Device><tt:Media><tt:XAddr>{scheme}://{address}:{onvif}/onvif/services</tt:XAddr>"
     "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP>"
     "<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media></tds:Capabilities>"
     "</tds:GetCapabilitiesResponse>"},
    {"GetProfiles", true,
     "<tr2:GetProfilesResponse>" PROFILE2("profile_1_h264", "channel 1 main", "640", "360")
         PROFILE2("profile_1_h264_sub", "channel 1 sub", "320", "180") "</tr2:GetProfilesResponse>"},
    {"GetStreamUri", true,
     "<tr2:GetStreamUriResponse><tr2:Uri>rtsp://{address}:{rtsp}" STREAM_PATH "</tr2:Uri></tr2:GetStreamUriResponse>"},
    {"GetNetworkInterfaces", true,
     "<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token=\"eth0\"><tt:Enabled>true</tt:Enabled><tt:Info>"
     "<tt:Name>eth0</tt:Name><tt:HwAddress>{mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info></tds:NetworkInterfaces>"
     "</tds:GetNetworkInterfacesResponse>"},
    {"GetNetworkProtocols", true,
     "<tds:GetNetworkProtocolsResponse><tds:NetworkProtocols><tt:Name>HTTP</tt:Name><tt:Enabled>true</tt:Enabled>"
     "<tt:Port>{onvif}</tt:Port></tds:NetworkProtocols><tds:NetworkProtocols><tt:Name>RTSP</tt:Name>"
     "<tt:Enabled>true</tt:Enabled><tt:Port>{rtsp}</tt:Port></tds:NetworkProtocols></tds:GetNetworkProtocolsResponse>"},
    {"GetNTP", true,
     "<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP><tt:NTPManual><tt:Type>DNS</tt:Type>"
     "<tt:DNSname>ntp.city.example</tt:DNSname></tt:NTPManual></tds:NTPInformation></tds:GetNTPResponse>"},
    {"GetHostname", false,
     "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>axis-{serial}</tt:Name>"
     "</tds:HostnameInformation></tds:GetHostnameResponse>"},
    {"GetDNS", true,
     "<tds:GetDNSResponse><tds:DNSInformation><tt:FromDHCP>false</tt:FromDHCP><tt:DNSManual><tt:Type>IPv4</tt:Type>"
     "<tt:IPv4Address>192.0.2.53</tt:IPv4Address></tt:DNSManual></tds:DNSInformation></tds:GetDNSResponse>"},
};

static void put_moment(struct reply *reply, const char *tag, time_t at)
{
    struct tm t;
    gmtime_r(&at, &t);
    put_format(reply,
               "<tt:%s><tt:Time><tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d</tt:Second></tt:Time>"
               "<tt:Date><tt:Year>%d</tt:Year><tt:Month>%d</tt:Month><tt:Day>%d</tt:Day></tt:Date></tt:%s>",
               tag, t.tm_hour, t.tm_min, t.tm_sec, t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, tag);
}

static void put_time(struct reply *reply)
{
    time_t now = time(NULL);
    put_text(reply, "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
                    "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>PKT-5</tt:TZ></tt:TimeZone>");
    put_moment(reply, "UTCDateTime", now);
    put_moment(reply, "LocalDateTime", now + LOCAL_OFFSET_S);
    put_text(reply, "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>");
}

/* A reply's head with room for its length, the envelope, and then the length put into its place. */
static void put_soap(struct reply *reply, const char *status, const char *more, const char *content,
                     const struct connection *connection)
{
    static const char ROOM[] = "Content-Length:        \r\nConnection: keep-alive\r\n\r\n";
    put_format(reply, "HTTP/1.1 %s\r\nServer: Apache/2.4.58 (Unix)\r\nContent-Type: application/soap+xml; charset=utf-8\r\n%s",
               status, more);
    size_t room = reply->used;
    put_text(reply, ROOM);
    size_t start = reply->used;
    put(reply, HEAD, sizeof HEAD - 1);
    if (content)
        put_filled(reply, content, connection);
    else
        put_time(reply);
    put(reply, TAIL, sizeof TAIL - 1);
    char length[8];
    snprintf(length, sizeof length, "%6zu", reply->used - start);
    memcpy(reply->data + room + strlen("Content-Length: "), length, 6);
}

static const struct operation *asked(const char *body)
{
    const char *inside = strstr(body, "Body");
    for (size_t i = 0; inside && i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        const char *at = strstr(inside, OPERATIONS[i].name);
        if (at && strchr(" />", at[strlen(OPERATIONS[i].name)]) && (at[-1] == '<' || at[-1] == ':'))
            return OPERATIONS + i;
    }
    return NULL;
}

static void answer(struct connection *connection, char *head, const char *body, struct reply *reply)
{
    char realm[32], challenge[512];
    const struct operation *operation = asked(body);
    snprintf(realm, sizeof realm, "AXIS_B8A44F%06X", connection->address & 0xFFFFFF);
    city.counts.http++;
    if (!operation) {
        put_soap(reply, "500 Internal Server Error", "", NOT_OFFERED, connection);
    } else if (!operation->guarded || (connection->service != DIGEST && strstr(body, "PasswordDigest"))) {
        put_soap(reply, "200 OK", "", operation->content, connection);
    } else if (connection->service != DIGEST) {
        put_soap(reply, "400 Bad Request", "", NOT_AUTHORIZED, connection);
    } else if (proves(head, "POST", realm, connection->nonce)) {
        put_soap(reply, "200 OK", "", operation->content, connection);
    } else {
        static const char FORM[] = "WWW-Authenticate: Digest realm=\"%s\", qop=\"auth\", nonce=\"%s\", algorithm=%s\r\n";
        int size = snprintf(challenge, sizeof challenge, FORM, realm, connection->nonce, "SHA-256");
        snprintf(challenge + size, sizeof challenge - (size_t)size, FORM, realm, connection->nonce, "MD5");
        put_soap(reply, "401 Unauthorized", challenge, NOT_AUTHORIZED, connection);
    }
}

bool answer_onvif(struct connection *connection, struct reply *reply)
{
    for (;;) {
        char *head = connection->request, *end = strstr(head, "\r\n\r\n"), length[32];
        if (!end)
            return connection->used < REQUEST_BYTES;
        *end = 0;
        size_t body = field(head, "Content-Length", length, sizeof length) ? strtoul(length, NULL, 10) : 0;
        size_t size = (size_t)(end - head) + 4 + body;
        if (body > REQUEST_BYTES || size > REQUEST_BYTES)
            return false;
        if (connection->used < size) {
            *end = '\r';
            return true;
        }
        if (strncmp(head, "POST ", 5) != 0)
            return false;
        char after = head[size]; /* the byte behind the request is the next one's */
        head[size] = 0;
        answer(connection, head, end + 4, reply);
        head[size] = after;
        connection->used -= size;
        memmove(head, head + size, connection->used + 1);
    }
}
