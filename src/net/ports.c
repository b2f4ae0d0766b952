#include "net/ports.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* 0: no port can be told. */
static uint16_t port_of(const char *url, unsigned flags, const char *normal)
{
	CURLU *u = curl_url();
	char *text = NULL;
	uint64_t port = 0;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, flags) == CURLUE_OK) {
		CURLUcode rc = curl_url_get(u, CURLUPART_PORT, &text,
					    normal != NULL ? 0 : CURLU_DEFAULT_PORT);
		const char *said = rc == CURLUE_OK ? text : normal;

		if (said == NULL ||
		    saksi_text_decimal(saksi_bytes_of(said), &port) != SAKSI_OK ||
		    port > UINT16_MAX)
			port = 0;
	}
	curl_free(text);
	curl_url_cleanup(u);
	return (uint16_t)port;
}

static void add(uint16_t *ports, size_t *count, uint16_t port)
{
	for (size_t i = 0; i < *count; i++)
		if (ports[i] == port)
			return;
	if (port != 0)
		ports[(*count)++] = port;
}

size_t saksi_client_ports(const char *url, uint16_t ports[SAKSI_PORTS_EACH])
{
	/* As libcurl reads them; HTTP_PROXY it ignores, for web servers set it. */
	static const char *const http[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
	static const char *const https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
					    "ALL_PROXY"};
	bool secure = strncmp(url, "https:", 6) == 0;
	const char *const *names = secure ? https : http;
	size_t count = 0;

	if (!secure && strncmp(url, "http:", 5) != 0)
		return 0;
	add(ports, &count, port_of(url, 0, NULL));
	if (count == 0)
		return 0;
	for (size_t i = 0; i < (secure ? 4U : 3U); i++) {
		const char *proxy = getenv(names[i]);

		/* The first that is set is the one that is used. */
		if (proxy == NULL || proxy[0] == '\0')
			continue;
		add(ports, &count,
		    port_of(proxy, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME,
			    strncmp(proxy, "https:", 6) == 0 ? "443" : "1080"));
		break;
	}
	return count;
}
