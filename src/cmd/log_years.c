/* log close, log succeed. */
#include "cmd/log_years.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/log_add.h"
#include "follow/open.h"
#include "log/years.h"

#define FILE_MAX (64U << 10)

static void tell_closed(const struct saksi_cmd *c, const struct saksi_closing *k)
{
	char hex[2 * SAKSI_HASH_LEN + 1];

	saksi_text_to_hex(k->root.b, SAKSI_HASH_LEN, hex);
	if (saksi_cmd_json(c))
		(void)printf("{\"closed\":true,\"size\":%llu,\"root\":\"%s\"}\n",
			     (unsigned long long)k->size, hex);
	else
		(void)printf("closed at %llu entries, root %s\n",
			     (unsigned long long)k->size, hex);
}

int saksi_log_close_run(struct saksi_cmd *c)
{
	const char *successor = saksi_cmd_option(c, "--successor");
	const char *url = saksi_cmd_option(c, "--url");
	struct saksi_why w = {""};
	struct saksi_closing k;
	int64_t now;
	enum saksi_err err;

	if (!saksi_cmd_now(c, &now))
		return SAKSI_EXIT_USAGE;
	err = saksi_log_end(saksi_cmd_arg(c, 0),
			    saksi_bytes_of(successor != NULL ? successor : ""),
			    saksi_bytes_of(url != NULL ? url : ""), now, &k, &w);
	if (err == SAKSI_BADARG)
		return saksi_cmd_usage(c, "%s", w.text);
	if (err != SAKSI_OK)
		return saksi_log_unopened(c, err, &w);
	tell_closed(c, &k);
	saksi_cmd_say(c, "note: it takes no entry any more; go on serving its public "
			 "files, so that what stands in it stays checkable");
	return SAKSI_EXIT_HOLDS;
}

/* ---- succeed */

static int get(const struct saksi_cmd *c, struct saksi_place *place, const char *where,
	       const char *file, struct saksi_buf *out)
{
	struct saksi_source *s = saksi_place_source(place);
	enum saksi_err err = s->get(s->ctx, file, out);

	if (err == SAKSI_OK)
		return SAKSI_EXIT_HOLDS;
	saksi_cmd_say(c, "%s/%s: %s; is that log closed?", where, file,
		      saksi_place_why(place));
	return SAKSI_EXIT_UNKNOWN;
}

int saksi_log_succeed_to(const struct saksi_cmd *c, const char *dir, const char *where)
{
	struct saksi_buf closing = saksi_buf_growing(FILE_MAX),
			 vkey = saksi_buf_growing(FILE_MAX);
	struct saksi_place *place = NULL;
	struct saksi_why w = {""};
	enum saksi_err err = saksi_place_open(where, &place, &w);
	int rc;

	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	rc = get(c, place, where, "closing", &closing);
	if (rc == SAKSI_EXIT_HOLDS)
		rc = get(c, place, where, "vkey", &vkey);
	if (rc == SAKSI_EXIT_HOLDS) {
		err = saksi_log_succeed(dir, saksi_buf_bytes(&closing),
					saksi_buf_bytes(&vkey), saksi_time_now(), &w);
		if (err != SAKSI_OK)
			rc = saksi_log_unopened(c, err, &w);
	}
	saksi_place_close(place);
	saksi_buf_free(&closing);
	saksi_buf_free(&vkey);
	return rc;
}

int saksi_log_succeed_run(struct saksi_cmd *c)
{
	int rc = saksi_log_succeed_to(c, saksi_cmd_arg(c, 0), saksi_cmd_arg(c, 1));

	if (rc != SAKSI_EXIT_HOLDS)
		return rc;
	if (saksi_cmd_json(c))
		(void)printf("{\"succeeds\":true}\n");
	else
		(void)printf("%s goes on from %s\n", saksi_cmd_arg(c, 0),
			     saksi_cmd_arg(c, 1));
	return SAKSI_EXIT_HOLDS;
}
