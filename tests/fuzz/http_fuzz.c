/* rooms: base crypto net */
/* Whole requests of any bytes over a connection to a server of ours: what reaches
 * the handler keeps the contract of net/server.h, and whatever is answered begins
 * as an answer does.  The first byte is where the bytes are cut in two. */
#include "loopback.h"
#include "net/server.h"

#include "base/text.h"

#include <poll.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 4096 };

static struct saksi_server *server;

static void plain(const char *path)
{
	for (const char *at = path; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			abort();
	if (path[0] != '/' || strstr(path, "//") != NULL ||
	    strstr(path, "/../") != NULL || strstr(path, "/./") != NULL ||
	    !saksi_text_utf8(saksi_bytes_of(path)))
		abort();
}

static void serve(void *ctx, const struct saksi_call *c, struct saksi_reply *r)
{
	const char *value;

	(void)ctx;
	plain(c->path);
	if (c->body.len > BODY_MAX || (c->body.len > 0 && c->body.at == NULL) ||
	    (strcmp(c->method, "GET") != 0 && strcmp(c->method, "HEAD") != 0 &&
	     strcmp(c->method, "POST") != 0))
		abort();
	value = saksi_call_query(c, "receipt");
	if (value != NULL && !saksi_text_utf8(saksi_bytes_of(value)))
		abort();
	value = saksi_call_header(c, "Content-Type");
	r->status = 200;
	r->content_type = "application/octet-stream";
	r->body = saksi_buf_growing(2 * BODY_MAX);
	saksi_buf_puts(&r->body, value != NULL ? "typed " : "bare ");
	saksi_buf_put(&r->body, c->body);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct saksi_server_limits limits = {
	    .connections = 64, .idle_s = 1, .body_max = BODY_MAX, .threads = 2};

	(void)argc;
	(void)argv;
	return saksi_server_start("127.0.0.1:0", &limits, serve, NULL, &server, NULL) ==
		       SAKSI_OK
		   ? 0
		   : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char answer[512];
	size_t cut, len;

	if (size < 1 || size > 65536)
		return 0;
	cut = data[0] < size ? data[0] : 0;
	const int fd = loop_connect(saksi_server_port(server));
	loop_send(fd, data + 1, cut > 0 ? cut - 1 : 0);
	loop_send(fd, data + (cut > 0 ? cut : 1), size - (cut > 0 ? cut : 1));
	/* An end in one piece with a request is seen only when the server's patience
	 * is over: let it come after the answer. */
	struct pollfd p = {.fd = fd, .events = POLLIN};
	(void)poll(&p, 1, 4);
	(void)shutdown(fd, SHUT_WR);
	if (!loop_drain(fd, answer, sizeof(answer), &len) ||
	    (len > 0 && (len < 12 || memcmp(answer, "HTTP/1.", 7) != 0)))
		abort();
	(void)close(fd);
	return 0;
}
