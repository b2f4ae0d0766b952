#include "cmd/serving.h"

#include <string.h>

void saksi_serving_begin(sigset_t *ends)
{
	(void)sigemptyset(ends);
	(void)sigaddset(ends, SIGTERM);
	(void)sigaddset(ends, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, ends, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

void saksi_serving_url(const char *listen, const struct saksi_server *server, char *out,
		       size_t len)
{
	const char *colon = strrchr(listen, ':');
	int host = colon != NULL ? (int)(colon - listen) : 0;

	(void)snprintf(out, len, "http://%.*s:%u", host, listen,
		       saksi_server_port(server));
}

void saksi_serving_wait(const struct saksi_cmd *c, const struct saksi_server *server,
			const char *listen, const sigset_t *ends)
{
	char url[256];
	int got;

	saksi_serving_url(listen, server, url, sizeof(url));
	(void)printf("listening on %s\n", url);
	(void)fflush(stdout);
	(void)sigwait(ends, &got);
	saksi_cmd_say(c, "stopping");
}
