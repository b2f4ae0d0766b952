/* A log behind a URL, as servers of others answer for it. */
#include "../net/fake.h"
#include "../net/test.h"

#include "follow/open.h"

#define PAGE "<html>a page of some length, whatever was asked for</html>"

struct web {
	struct fake fake;
	const char *status;
	char url[64];
};

static void play(struct fake *f, int fd, char *body, size_t len)
{
	const struct web *w = f->ctx;

	(void)body;
	(void)len;
	fake_answer(fd, w->status, "", PAGE, strlen(PAGE));
}

static void web_begin(struct web *w)
{
	fake_start(&w->fake, play, w);
	(void)snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%u//", w->fake.port);
}

/* What is read of `path` into room for `max` bytes when the server says `status`. */
static enum saksi_err get(struct web *w, struct saksi_place *p, const char *status,
			  const char *path, size_t max)
{
	struct saksi_source *s = saksi_place_source(p);
	struct saksi_buf b = saksi_buf_growing(max);
	enum saksi_err err;

	w->status = status;
	err = s->get(s->ctx, path, &b);
	assert_int_equal(b.len, err == SAKSI_OK ? strlen(PAGE) : 0);
	assert_true((saksi_place_why(p)[0] != '\0') == (err != SAKSI_OK));
	saksi_buf_free(&b);
	return err;
}

static void test_status(void **state)
{
	struct saksi_place *p;
	struct web w;

	(void)state;
	web_begin(&w);
	assert_int_equal(saksi_place_open(w.url, &p, NULL), SAKSI_OK);
	assert_int_equal(get(&w, p, "200 x", "checkpoint", 4096), SAKSI_OK);
	assert_int_equal(get(&w, p, "200 x", "checkpoint", 8), SAKSI_LIMIT);
	for (size_t max = 8; max <= 4096; max *= 512) {
		/* not there, however long the page that says so */
		assert_int_equal(get(&w, p, "404 x", "addenda.v1", max), SAKSI_MISSING);
		assert_non_null(strstr(saksi_place_why(p), "404"));
		assert_int_equal(get(&w, p, "410 x", "addenda.v1", max), SAKSI_MISSING);
	}
	assert_int_equal(get(&w, p, "403 x", "checkpoint", 4096), SAKSI_IO);
	assert_int_equal(get(&w, p, "503 x", "checkpoint", 4096), SAKSI_IO);
	assert_int_equal(get(&w, p, "204 x", "checkpoint", 4096), SAKSI_IO);
	saksi_place_close(p);
	fake_stop(&w.fake);
}

static void test_kept(void **state)
{
	struct saksi_place *p;
	struct web w;
	int asked;

	(void)state;
	web_begin(&w);
	assert_int_equal(saksi_place_open(w.url, &p, NULL), SAKSI_OK);
	/* a failed tile is asked for again, one that came is not */
	assert_int_equal(get(&w, p, "503 x", "tile/0/000", 8192), SAKSI_IO);
	assert_int_equal(get(&w, p, "200 x", "tile/0/000", 8192), SAKSI_OK);
	asked = fake_calls(&w.fake);
	assert_int_equal(get(&w, p, "503 x", "tile/0/000", 8192), SAKSI_OK);
	assert_int_equal(fake_calls(&w.fake), asked);
	/* another tile, entries and the checkpoint are always asked for */
	assert_int_equal(get(&w, p, "503 x", "tile/0/001", 8192), SAKSI_IO);
	assert_int_equal(get(&w, p, "200 x", "tile/entries/000", 8192), SAKSI_OK);
	assert_int_equal(get(&w, p, "503 x", "tile/entries/000", 8192), SAKSI_IO);
	assert_int_equal(get(&w, p, "200 x", "checkpoint", 8192), SAKSI_OK);
	assert_int_equal(get(&w, p, "503 x", "checkpoint", 8192), SAKSI_IO);
	saksi_place_close(p);
	fake_stop(&w.fake);
}

static void test_gone(void **state)
{
	struct saksi_place *p;
	struct saksi_why w = {{0}};

	(void)state;
	assert_int_equal(saksi_place_open("/nowhere/at/all", &p, &w), SAKSI_MISSING);
	assert_non_null(strstr(w.text, "/nowhere/at/all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
