/* What is behind a URL: a published log, or what --metrics of a server answers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/standing.h"
#include "net/client.h"

#define ANSWER_MAX (16U << 20)

/* 0: no answer, and why is in a->why.  The body is the caller's. */
static long get(struct saksi_client *client, const char *base, const char *path,
		struct saksi_answer *a)
{
	char url[2048];
	struct saksi_request r = {.method = "GET", .url = url, .max = ANSWER_MAX};
	int n = snprintf(url, sizeof(url), "%s%s", base, path);

	memset(a, 0, sizeof(*a));
	if (n < 0 || (size_t)n >= sizeof(url)) {
		(void)snprintf(a->why, sizeof(a->why), "the URL is too long");
		return 0;
	}
	return saksi_client_do(client, &r, a) == SAKSI_OK ? a->status : 0;
}

/* ---- metrics */

/* The value of the one sample with exactly this name and labels; false: it is not
 * there, or no whole number. */
static bool value_of(struct saksi_bytes text, const char *sample, uint64_t *out)
{
	struct saksi_cursor c = saksi_cursor_on(text);
	size_t len = strlen(sample);

	for (;;) {
		struct saksi_bytes line = saksi_cursor_line(&c);

		if (!c.ok)
			return false;
		if (line.len > len + 1 && memcmp(line.at, sample, len) == 0 &&
		    line.at[len] == ' ')
			return saksi_text_decimal(
				   (struct saksi_bytes){line.at + len + 1,
							line.len - len - 1},
				   out) == SAKSI_OK;
	}
}

static const struct {
	const char *sample, *key, *name, *unit;
} told[] = {
    {"saksi_log_entries", "acknowledged", "entries", "acknowledged"},
    {"saksi_log_published_entries", "published", "published", "entries"},
    {"saksi_log_queue_entries", "queue", "queue", "entries wait"},
    {"saksi_log_publications_missed", "missed", "missed", "publications in a row"},
    {"saksi_log_disk_free_bytes", "disk_free", "disk", "MB free"},
    {"saksi_witness_logs", "logs", "logs", "known"},
    {"saksi_witness_answers_total{status=\"200\"}", "cosigned", "cosigned",
     "since it began"},
    {"saksi_site_looks_total{answer=\"ok\"}", "looks_good", "looks", "that held"},
    {"process_resident_memory_bytes", "memory", "memory", "MB"},
};

static void tell_times(struct saksi_standing *s, struct saksi_bytes text)
{
	static const char *const samples[][2] = {
	    {"process_start_time_seconds", "began"},
	    {"saksi_log_published_timestamp_seconds", "shown"},
	    {"saksi_witness_signed_timestamp_seconds", "signed"},
	};
	char room[64];
	uint64_t n;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (value_of(text, samples[i][0], &n) && n < INT64_MAX) {
			saksi_standing_row(s, samples[i][1], "%s",
					   saksi_standing_when(s, (int64_t)n, room));
			saksi_standing_time(s, samples[i][1], (int64_t)n);
		}
}

static void judge_metrics(struct saksi_standing *s, struct saksi_bytes text)
{
	uint64_t n, roots = 0, empties = 0;

	tell_times(s, text);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (value_of(text, told[i].sample, &n)) {
			bool mb = strncmp(told[i].unit, "MB", 2) == 0;

			saksi_standing_row(s, told[i].name, "%" PRIu64 " %s",
					   mb ? n / 1000000 : n, told[i].unit);
			saksi_standing_u64(s, told[i].key, n);
		}
	(void)value_of(text, "saksi_witness_evidence{kind=\"root\"}", &roots);
	(void)value_of(text, "saksi_witness_evidence{kind=\"empty\"}", &empties);
	if (roots + empties > 0)
		saksi_standing_fault(s, SAKSI_SPLIT,
				     "%" PRIu64 " kept checkpoints prove that a log "
				     "showed two trees",
				     roots + empties);
}

static void one_line(const struct saksi_answer *a, char out[300])
{
	(void)snprintf(out, 300, "%.*s", (int)(a->body.len < 290 ? a->body.len : 290),
		       a->body.at != NULL ? (const char *)a->body.at : "");
	out[strcspn(out, "\n")] = '\0';
}

/* false: nothing there answers as our servers do. */
static bool look_server(struct saksi_standing *s, struct saksi_client *client,
			const char *base)
{
	struct saksi_answer health, metrics;
	uint64_t n;
	char line[300];
	long status = get(client, base, "/health", &health);
	bool ours = false;

	if ((status == 200 || status == 503) &&
	    get(client, base, "/metrics", &metrics) != 0) {
		struct saksi_bytes text = saksi_buf_bytes(&metrics.body);

		ours = value_of(text, "saksi_healthy", &n);
		if (ours) {
			bool quorum =
			    value_of(text, "saksi_log_quorum_missing", &n) && n > 0;

			s->kind = "running server";
			one_line(&health, line);
			saksi_standing_row(s, "health", "%s", line);
			saksi_jsonw_key(&s->w, "health");
			saksi_jsonw_cstr(&s->w, line);
			judge_metrics(s, text);
			if (status != 200)
				saksi_standing_fault(
				    s, quorum ? SAKSI_QUORUM : SAKSI_REFUSED, "%s",
				    line);
		}
		saksi_buf_free(&metrics.body);
	}
	saksi_buf_free(&health.body);
	return ours;
}

static void look_point(struct saksi_standing *s, struct saksi_bytes note)
{
	struct saksi_point_told point;

	s->kind = "published log";
	if (s->trust == NULL)
		saksi_standing_unjudged(s, note);
	else
		saksi_standing_point(s, &s->trust->policy, note,
				     s->trust->limits.freshness_s, &point);
}

/* Without "/metrics", "/health" or a slash at its end. */
static void trim(char *url)
{
	static const char *const ends[] = {"/metrics", "/health", "/ready",
					   "/checkpoint"};
	size_t len = strlen(url);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcmp(url + len - n, ends[i]) == 0)
			url[len -= n] = '\0';
	}
	while (len > 0 && url[len - 1] == '/')
		url[--len] = '\0';
}

void saksi_standing_web(struct saksi_standing *s)
{
	struct saksi_client *client = NULL;
	struct saksi_answer a = {0};
	char *base = strdup(s->thing);
	long status;

	if (base == NULL || saksi_client_new(&client) != SAKSI_OK) {
		saksi_standing_fault(s, SAKSI_NOMEM, "out of memory");
		free(base);
		return;
	}
	trim(base);
	status = get(client, base, "/checkpoint", &a);
	if (status == 200)
		look_point(s, saksi_buf_bytes(&a.body));
	else if (status == 0)
		saksi_standing_fault(s, SAKSI_IO, "no answer: %s", a.why);
	else if (!look_server(s, client, base))
		saksi_standing_fault(s, SAKSI_MISSING,
				     "neither a log (%ld for /checkpoint) nor what "
				     "--metrics of a server answers",
				     status);
	saksi_buf_free(&a.body);
	saksi_client_free(client);
	free(base);
}
