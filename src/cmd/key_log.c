/* key rotate LOGDIR: the key of a log itself. */
#include "base/clock.h"
#include "cmd/key.h"
#include "cmd/log_add.h"
#include "log/years.h"

static void put_json(struct saksi_bytes vkey, bool finish)
{
	struct saksi_buf b = saksi_buf_growing(32768);
	struct saksi_jsonw w = {&b, false};

	saksi_jsonw_open(&w, '{');
	saksi_jsonw_key(&w, "vkey");
	saksi_jsonw_str(&w, vkey);
	saksi_jsonw_key(&w, "finished");
	saksi_jsonw_bool(&w, finish);
	saksi_jsonw_close(&w, '}');
	(void)printf("%.*s\n", (int)b.len, (const char *)b.at);
	saksi_buf_free(&b);
}

static void tell(const struct saksi_cmd *c, const struct saksi_buf *vkey, bool finish)
{
	if (saksi_cmd_json(c))
		put_json(saksi_buf_bytes(vkey), finish);
	else
		(void)printf("%.*s\n", (int)vkey->len, (const char *)vkey->at);
	if (finish)
		saksi_cmd_say(c, "note: only this key signs from now on; put it into "
				 "the log's own file policy, too");
	else
		saksi_cmd_say(c, "note: both keys sign from now on. Give this one to "
				 "every witness ('saksi witness add') and every reader "
				 "(a line 'log' more in their policy); when they have "
				 "it: saksi key rotate --finish");
}

int saksi_key_log_run(struct saksi_cmd *c)
{
	const char *path = saksi_cmd_arg(c, 0);
	bool finish = saksi_cmd_flag(c, "--finish");
	struct saksi_buf vkey = saksi_buf_growing(4096);
	struct saksi_why w = {""};
	int64_t now;
	enum saksi_err err;
	int rc;

	if (!saksi_cmd_now(c, &now))
		return SAKSI_EXIT_USAGE;
	err = finish ? saksi_log_rekeyed(path, now, &vkey, &w)
		     : saksi_log_rekey(path, now, &vkey, &w);
	rc = saksi_err_exit(err);
	if (vkey.len > 0 && (err == SAKSI_OK || err == SAKSI_QUORUM))
		tell(c, &vkey, finish);
	if (err != SAKSI_OK)
		rc = saksi_log_unopened(c, err, &w);
	saksi_buf_free(&vkey);
	return rc;
}
