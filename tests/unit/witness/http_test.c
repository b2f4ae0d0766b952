/* The witness behind the real server, asked by the real client. */
#include "fixture.h"

#include "net/client.h"
#include "net/server.h"

#include <signal.h>

static struct place place;
static struct saksi_server *server;
static struct saksi_client *client;

static struct saksi_answer ask(const char *method, const char *path,
			       struct saksi_bytes body)
{
	char url[256];
	struct saksi_answer a;
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s",
		       saksi_server_port(server), path);
	struct saksi_request r = {.method = method, .url = url, .body = body};
	assert_int_equal(saksi_client_do(client, &r, &a), SAKSI_OK);
	return a;
}

static void expect(const char *method, const char *path, long status)
{
	struct saksi_answer a = ask(method, path, (struct saksi_bytes){NULL, 0});
	if (a.status != status)
		fail_msg("%s %s: %ld", method, path, a.status);
	saksi_buf_free(&a.body);
}

static void routes(void **state)
{
	(void)state;
	expect("GET", "/add-checkpoint", 405);
	expect("POST", "/add-checkpoint", 400);
	expect("POST", "/add-checkpoint/", 405);
	expect("POST", "/", 405);
	expect("GET", "/checkpoint", 404);
	expect("GET", "/sign-subtree", 404);
	expect("GET", "/0000/checkpoint", 404);
	expect("GET", "/state.db", 404);
	struct saksi_answer a = ask("GET", "/vkey", (struct saksi_bytes){NULL, 0});
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body.len, strlen(place.vkey) + 1);
	assert_memory_equal(a.body.at, place.vkey, strlen(place.vkey));
	saksi_buf_free(&a.body);
	expect("GET", "/", 200);
}

static void from_post_to_get(void **state)
{
	char room[16384], path[128], hex[65];
	(void)state;
	struct saksi_hash h = saksi_hash_of(saksi_bytes_of((char *)log_name));
	saksi_text_to_hex(h.b, sizeof h.b, hex);
	(void)snprintf(path, sizeof path, "/%s/checkpoint", hex);
	expect("GET", path, 404);
	struct request q = {.size = 7, .of = &truth};
	struct saksi_answer a =
	    ask("POST", "/add-checkpoint", write_request(&q, room, sizeof room));
	assert_int_equal(a.status, 200);
	struct saksi_answer m = ask("GET", path, (struct saksi_bytes){NULL, 0});
	assert_int_equal(m.status, 200);
	assert_string_equal(m.content_type, "text/plain; charset=utf-8");
	assert_non_null(memmem(m.body.at, m.body.len, a.body.at, a.body.len));
	saksi_buf_free(&a.body);
	saksi_buf_free(&m.body);
	(void)snprintf(path, sizeof path, "/%s/checkpoint.txt", hex);
	expect("GET", path, 404);
	hex[0] = hex[0] == '0' ? '1' : '0';
	(void)snprintf(path, sizeof path, "/%s/checkpoint", hex);
	expect("GET", path, 404);
	a = ask("POST", "/add-checkpoint", write_request(&q, room, sizeof room));
	assert_int_equal(a.status, 409);
	assert_string_equal(a.content_type, "text/x.tlog.size");
	assert_true(saksi_bytes_is(saksi_buf_bytes(&a.body), "7\n"));
	saksi_buf_free(&a.body);
	place.now--;
	q.old_size = 7;
	a = ask("POST", "/add-checkpoint", write_request(&q, room, sizeof room));
	place.now++;
	assert_int_equal(a.status, 503);
	assert_true(a.retry_after_s > 0);
	saksi_buf_free(&a.body);
}

static void too_large(void **state)
{
	uint8_t *big = calloc(1, SAKSI_WITNESS_BODY_MAX + 1);
	(void)state;
	struct saksi_answer a =
	    ask("POST", "/add-checkpoint",
		(struct saksi_bytes){big, SAKSI_WITNESS_BODY_MAX + 1});
	assert_int_equal(a.status, 413);
	saksi_buf_free(&a.body);
	free(big);
}

static int begin(void **state)
{
	struct saksi_server_limits l = {.body_max = SAKSI_WITNESS_BODY_MAX,
					.threads = 2};
	struct saksi_why why;
	if (make_logs(state) != 0)
		return -1;
	make_place(&place);
	if (saksi_client_new(&client) != SAKSI_OK ||
	    saksi_server_start("127.0.0.1:0", &l, saksi_witness_serve, place.w, &server,
			       &why) != SAKSI_OK)
		return -1;
	return 0;
}

static int end(void **state)
{
	saksi_server_stop(server);
	saksi_client_free(client);
	end_place(&place);
	return free_logs(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes),
	    cmocka_unit_test(from_post_to_get),
	    cmocka_unit_test(too_large),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
