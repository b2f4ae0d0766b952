#include "cmd/guarded.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "follow/seen.h"
#include "guard/guard.h"
#include "net/ports.h"

#define PATH_ROOM 4096
#define URL_ROOM 2048

int saksi_guarded_begin(const struct saksi_cmd *c, const char *folder)
{
	struct saksi_why w = {""};
	enum saksi_err err = saksi_guard_begin(folder, &w);

	/* A folder that is not there is told better when it is opened. */
	if (err == SAKSI_OK || err == SAKSI_MISSING)
		return SAKSI_EXIT_HOLDS;
	return saksi_cmd_fail(c, err, &w);
}

static int enter(const struct saksi_cmd *c, const struct saksi_guard_wish *wish,
		 struct saksi_why *w)
{
	enum saksi_err err = saksi_guard_enter(wish, w);

	return err == SAKSI_OK ? SAKSI_EXIT_HOLDS : saksi_cmd_fail(c, err, w);
}

struct ports {
	uint16_t all[SAKSI_GUARD_PORTS];
	size_t count;
};

static void add_ports(struct ports *p, const char *url)
{
	uint16_t some[SAKSI_PORTS_EACH];
	size_t count = saksi_client_ports(url, some);

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		while (at < p->count && p->all[at] != some[i])
			at++;
		if (at == p->count && at < SAKSI_GUARD_PORTS)
			p->all[p->count++] = some[i];
	}
}

int saksi_guarded_log(const struct saksi_cmd *c, const struct saksi_log *l,
		      struct saksi_why *w)
{
	const struct saksi_policy *policy = saksi_log_policy(l);
	const char *dir = saksi_cmd_arg(c, 0);
	char pub[PATH_ROOM], staging[PATH_ROOM];
	/* The two may be links to another disk. */
	const char *const writes[] = {dir, pub, staging, NULL};
	struct ports ports = {.count = 0};
	struct saksi_guard_wish wish = {
	    .folder = dir, .writes = writes, .ports = ports.all};

	(void)snprintf(pub, sizeof(pub), "%s/public", dir);
	(void)snprintf(staging, sizeof(staging), "%s/staging", dir);
	for (uint32_t i = 0; i < policy->party_count; i++) {
		char url[URL_ROOM];
		struct saksi_bytes from = policy->parties[i].url;

		if (policy->parties[i].is_group || from.len >= sizeof(url))
			continue;
		(void)snprintf(url, sizeof(url), "%.*s", (int)from.len,
			       (const char *)from.at);
		add_ports(&ports, url);
	}
	wish.port_count = ports.count;
	return enter(c, &wish, w);
}

int saksi_guarded_witness(const struct saksi_cmd *c, struct saksi_why *w)
{
	const char *const writes[] = {saksi_cmd_arg(c, 0), NULL};
	const struct saksi_guard_wish wish = {.folder = writes[0], .writes = writes};

	return enter(c, &wish, w);
}

/* The folder whose owner a site becomes. */
static const char *home_of(const struct saksi_cmd *c, bool *is_folder)
{
	struct stat st;
	const char *where = saksi_cmd_arg(c, 0);

	*is_folder = stat(where, &st) == 0 && S_ISDIR(st.st_mode);
	return *is_folder ? where : saksi_cmd_option(c, "--trust");
}

int saksi_guarded_site_begin(const struct saksi_cmd *c)
{
	bool is_folder;

	return saksi_guarded_begin(c, home_of(c, &is_folder));
}

/* What it remembers in is there before it is named. */
static int seen_path(const struct saksi_cmd *c, char out[PATH_ROOM])
{
	const char *said = saksi_cmd_option(c, "--state");
	struct saksi_why w = {""};
	enum saksi_err err = SAKSI_OK;
	int fd;

	if (said != NULL)
		(void)snprintf(out, PATH_ROOM, "%s", said);
	else
		err = saksi_seen_path(out, PATH_ROOM, &w);
	if (err == SAKSI_OK)
		err = saksi_seen_open(out, &fd, &w);
	if (err != SAKSI_OK)
		return saksi_cmd_fail(c, err, &w);
	(void)close(fd);
	return SAKSI_EXIT_HOLDS;
}

int saksi_guarded_site(const struct saksi_cmd *c, struct saksi_why *w)
{
	char seen[PATH_ROOM];
	bool is_folder, forgets = saksi_cmd_flag(c, "--no-state");
	const char *home = home_of(c, &is_folder), *where = saksi_cmd_arg(c, 0);
	const char *const reads[] = {saksi_cmd_option(c, "--trust"),
				     is_folder ? where : NULL, NULL};
	const char *const writes[] = {forgets ? NULL : seen, NULL};
	struct ports ports = {.count = 0};
	struct saksi_guard_wish wish = {
	    .folder = home, .reads = reads, .writes = writes, .ports = ports.all};
	int code = forgets ? SAKSI_EXIT_HOLDS : seen_path(c, seen);

	if (code != SAKSI_EXIT_HOLDS)
		return code;
	if (!is_folder)
		add_ports(&ports, where);
	wish.port_count = ports.count;
	return enter(c, &wish, w);
}
