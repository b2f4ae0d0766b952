/* rooms: base crypto net */
/* Whole HTTP answers of any bytes to a client of ours: bounded, and half an answer
 * is none. */
#include "answering.h"
#include "net/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct saksi_client *client;
	static uint8_t held[65536]; /* the server may still be sending the last one */
	struct saksi_answer a;
	char url[64];

	if (size > sizeof(held))
		return 0;
	if (client == NULL && saksi_client_new(&client) != SAKSI_OK)
		abort();
	if (size > 0)
		memcpy(held, data, size);
	answer_with(held, size, held, size);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/checkpoint",
		       answering.port);
	const struct saksi_request r = {
	    .method = "GET", .url = url, .timeout_ms = 2000, .max = 4096};
	const enum saksi_err err = saksi_client_do(client, &r, &a);
	if (err != a.err || a.body.len > 4096 || a.late ||
	    memchr(a.content_type, '\0', sizeof(a.content_type)) == NULL ||
	    memchr(a.why, '\0', sizeof(a.why)) == NULL || a.retry_after_s < -1 ||
	    a.retry_after_s > 86400)
		abort();
	if (err == SAKSI_OK ? a.status < 100 || a.status > 999
			    : a.body.len != 0 || a.why[0] == '\0')
		abort();
	saksi_buf_free(&a.body);
	return 0;
}
