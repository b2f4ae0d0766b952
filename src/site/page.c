#include "site/page.h"

#include <string.h>

#include "site/html.h"

/* What is counted over all servers' newest audits. */
struct sums {
	uint64_t open, overdue, counts[SAKSI_VERDICTS];
};

struct writing {
	const struct saksi_page *p;
	struct saksi_buf *out;
};

static const char *say(const struct writing *w, enum saksi_text t)
{
	return saksi_text_in(w->p->lang, t);
}

static void put(const struct writing *w, const char *s)
{
	saksi_buf_puts(w->out, s);
}

static void heading(const struct writing *w, enum saksi_text t)
{
	put(w, "<h2>");
	saksi_html_cstr(w->out, say(w, t));
	put(w, "</h2>\n");
}

static void head_row(const struct writing *w, const enum saksi_text *cells,
		     size_t count)
{
	put(w, "<div class=\"scroll\"><table><thead><tr>");
	for (size_t i = 0; i < count; i++) {
		put(w, "<th scope=\"col\">");
		saksi_html_cstr(w->out, say(w, cells[i]));
		put(w, "</th>");
	}
	put(w, "</tr></thead><tbody>\n");
}

static void table_end(const struct writing *w)
{
	put(w, "</tbody></table></div>\n");
}

static const char *severity_text(const struct writing *w, enum saksi_severity s)
{
	static const enum saksi_text names[SAKSI_SEVERITIES] = {
	    [SAKSI_INFO] = SAKSI_TEXT_INFO,         [SAKSI_LOW] = SAKSI_TEXT_LOW,
	    [SAKSI_MEDIUM] = SAKSI_TEXT_MEDIUM,     [SAKSI_HIGH] = SAKSI_TEXT_HIGH,
	    [SAKSI_CRITICAL] = SAKSI_TEXT_CRITICAL,
	};

	return say(w, names[s]);
}

/* ---- what the ledger says, for one server */

static const struct saksi_ledger_audit *newest_audit(const struct saksi_ledger *l,
						     struct saksi_bytes server)
{
	const struct saksi_ledger_audit *best = NULL;

	for (const struct saksi_ledger_audit *a = l->audits; a != NULL; a = a->next)
		if (!a->record->revoked && saksi_bytes_same(a->audit.server, server))
			best = a;
	return best;
}

static const struct saksi_ledger_plan *newest_plan(const struct saksi_ledger *l,
						   struct saksi_bytes server)
{
	const struct saksi_ledger_plan *best = NULL;

	for (const struct saksi_ledger_plan *p = l->plans; p != NULL; p = p->next)
		if (!p->record->revoked && saksi_bytes_same(p->plan.server, server))
			best = p;
	return best;
}

static struct sums sum_up(const struct saksi_page *p)
{
	const struct saksi_ledger *l = &p->look->ledger;
	struct sums s = {0};

	for (size_t i = 0; i < l->inventory.server_count; i++) {
		const struct saksi_ledger_audit *a =
		    newest_audit(l, l->inventory.servers[i].server);

		for (int v = 0; a != NULL && v < SAKSI_VERDICTS; v++)
			s.counts[v] += a->audit.counts[v];
	}
	for (const struct saksi_ledger_audit *a = l->audits; a != NULL; a = a->next) {
		for (size_t i = 0; i < a->audit.failure_count; i++) {
			bool shown = a->failures[i].disclosed != NULL;

			if (a->record->revoked || a->failures[i].fixed)
				continue;
			s.open += newest_audit(l, a->audit.server) == a;
			s.overdue +=
			    !shown &&
			    saksi_ledger_due(&a->failures[i], p->now_utc) < p->now_utc;
		}
	}
	return s;
}

/* ---- the parts of the page, top to bottom */

static void write_head(const struct writing *w)
{
	const char *code = saksi_lang_code(w->p->lang);

	put(w, "<!doctype html>\n<html lang=\"");
	put(w, code);
	put(w, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
	       "content=\"width=device-width,initial-scale=1\"><title>Saksi: ");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_TITLE));
	put(w,
	    "</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\n"
	    "<header><nav><a href=\"/\" lang=\"id\" hreflang=\"id\">Bahasa "
	    "Indonesia</a><a href=\"/en\" lang=\"en\" hreflang=\"en\">English</a></nav>"
	    "<div class=\"brand\">SAKSI</div><h1>");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_TITLE));
	put(w, "</h1><p class=\"lead\">");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_LEAD));
	put(w, "</p>");
	if (say(w, SAKSI_TEXT_PREVAILS)[0] != '\0') {
		put(w, "<p class=\"soft\"><em>");
		saksi_html_cstr(w->out, say(w, SAKSI_TEXT_PREVAILS));
		put(w, "</em></p>");
	}
	put(w, "</header><main>\n");
}

static void write_answer(const struct writing *w)
{
	int code = saksi_err_exit(w->p->answer);
	enum saksi_text t = code == 0   ? SAKSI_TEXT_HOLDS
			    : code == 3 ? SAKSI_TEXT_UNKNOWN
					: SAKSI_TEXT_FALSE;

	put(w, code == 0   ? "<div class=\"answer holds\" role=\"status\"><b>"
	       : code == 3 ? "<div class=\"answer unknown\" role=\"alert\"><b>"
			   : "<div class=\"answer false\" role=\"alert\"><b>");
	saksi_html_cstr(w->out, say(w, t));
	put(w, "</b> ");
	saksi_html_cstr(w->out, w->p->look->why);
	put(w, "<p>");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_YOURSELF));
	put(w, "</p><pre>saksi verify ");
	saksi_html_cstr(w->out, w->p->log_url);
	put(w, " --trust DIR</pre></div>\n");
}

static void tile(const struct writing *w, uint64_t n, enum saksi_text t, bool hot)
{
	put(w, hot && n > 0 ? "<li class=\"hot\"><b>" : "<li><b>");
	saksi_buf_put_decimal(w->out, n);
	put(w, "</b><span>");
	saksi_html_cstr(w->out, say(w, t));
	put(w, "</span></li>");
}

static void write_tiles(const struct writing *w)
{
	struct sums s = sum_up(w->p);

	put(w, "<ul class=\"tiles\">");
	tile(w, w->p->look->ledger.inventory.server_count, SAKSI_TEXT_IN_SCOPE, false);
	tile(w, s.open, SAKSI_TEXT_OPEN, true);
	tile(w, s.overdue, SAKSI_TEXT_OVERDUE, true);
	tile(w, s.counts[SAKSI_NOT_COVERED] + s.counts[SAKSI_VERDICT_ERROR],
	     SAKSI_TEXT_NOT_COVERED, false);
	tile(w, w->p->look->judged.point.size, SAKSI_TEXT_ENTRIES, false);
	put(w, "</ul>\n");
}

/* Widths come from the style sheet's side: no inline style is allowed, so the
 * bar is drawn as SVG. */
static void bar(const struct writing *w, const struct saksi_audit *a)
{
	static const char *const colours[SAKSI_VERDICTS] = {
	    "#2e9e5b", "#c9362c", "#8d96a0", "#e0a030", "#7d3cb5"};
	uint64_t x = 0, total = a->leaf_count > 0 ? a->leaf_count : 1;

	put(w, "<td><svg width=\"160\" height=\"12\" viewBox=\"0 0 ");
	saksi_buf_put_decimal(w->out, total);
	put(w, " 1\" preserveAspectRatio=\"none\" role=\"img\" aria-hidden=\"true\">");
	for (int v = 0; v < SAKSI_VERDICTS; v++) {
		put(w, "<rect y=\"0\" height=\"1\" x=\"");
		saksi_buf_put_decimal(w->out, x);
		put(w, "\" width=\"");
		saksi_buf_put_decimal(w->out, a->counts[v]);
		put(w, "\" fill=\"");
		put(w, colours[v]);
		put(w, "\"/>");
		x += a->counts[v];
	}
	put(w, "</svg></td>");
}

static void server_without_audit(const struct writing *w,
				 const struct saksi_ledger_plan *plan)
{
	put(w, "<td colspan=\"7\" class=\"soft\">");
	if (plan == NULL) {
		saksi_html_cstr(w->out, say(w, SAKSI_TEXT_NEVER));
	} else if (plan->abandoned != NULL) {
		saksi_html_cstr(w->out, say(w, SAKSI_TEXT_ABANDONED));
		put(w, " ");
		saksi_html_time(w->out, plan->abandoned->statement.time_utc);
	} else {
		saksi_html_cstr(w->out, say(w, SAKSI_TEXT_PLANNED));
		put(w, " ");
		saksi_html_time(w->out, plan->plan.deadline_utc);
	}
	put(w, "</td>");
}

static void write_servers(const struct writing *w)
{
	static const enum saksi_text cells[] = {
	    SAKSI_TEXT_SERVER,      SAKSI_TEXT_ROLE,  SAKSI_TEXT_AUDITED,
	    SAKSI_TEXT_PASS,        SAKSI_TEXT_FAIL,  SAKSI_TEXT_NOT_APPLICABLE,
	    SAKSI_TEXT_NOT_COVERED, SAKSI_TEXT_ERROR, SAKSI_TEXT_VERDICT};
	const struct saksi_ledger *l = &w->p->look->ledger;

	heading(w, SAKSI_TEXT_SERVERS);
	head_row(w, cells, sizeof(cells) / sizeof(cells[0]));
	for (size_t i = 0; i < l->inventory.server_count; i++) {
		const struct saksi_scoped_server *s = &l->inventory.servers[i];
		const struct saksi_ledger_audit *a = newest_audit(l, s->server);

		put(w, "<tr>");
		saksi_html_cell(w->out, NULL, s->server);
		saksi_html_cell(w->out, NULL, s->role);
		if (a == NULL) {
			server_without_audit(w, newest_plan(l, s->server));
		} else {
			saksi_html_cell_time(w->out, a->audit.to_utc);
			for (int v = 0; v < SAKSI_VERDICTS; v++)
				saksi_html_cell_number(w->out, a->audit.counts[v]);
			bar(w, &a->audit);
		}
		put(w, "</tr>\n");
	}
	table_end(w);
}

static enum saksi_text state_of(const struct saksi_ledger_failure *f, int64_t now)
{
	if (f->fixed)
		return SAKSI_TEXT_FIXED;
	if (f->disclosed != NULL)
		return SAKSI_TEXT_DISCLOSED;
	if (saksi_ledger_due(f, now) < now)
		return SAKSI_TEXT_OVERDUE;
	if (f->accepted != NULL)
		return SAKSI_TEXT_ACCEPTED;
	if (f->extended != NULL)
		return SAKSI_TEXT_EXTENDED;
	return SAKSI_TEXT_SEALED;
}

static void failure_row(const struct writing *w, const struct saksi_ledger_audit *a,
			size_t i)
{
	const struct saksi_ledger_failure *f = &a->failures[i];
	enum saksi_text state = state_of(f, w->p->now_utc);
	enum saksi_severity sev = f->failure->severity;

	put(w, "<tr>");
	saksi_html_cell(w->out, NULL, a->audit.server);
	saksi_html_cell_cstr(w->out, saksi_severity_name(sev), severity_text(w, sev));
	saksi_html_cell_hash(w->out, &f->failure->leaf);
	saksi_html_cell_time(w->out, f->failure->first_seen_utc);
	saksi_html_cell_time(w->out, saksi_ledger_due(f, w->p->now_utc));
	saksi_html_cell_cstr(w->out,
			     state == SAKSI_TEXT_OVERDUE ? "bad"
			     : state == SAKSI_TEXT_FIXED ? "good"
							 : NULL,
			     say(w, state));
	put(w, "</tr>\n");
}

/* How many of each severity are open in the newest audits, worst first. */
static void write_by_severity(const struct writing *w)
{
	const struct saksi_ledger *l = &w->p->look->ledger;
	uint64_t counts[SAKSI_SEVERITIES] = {0};

	for (const struct saksi_ledger_audit *a = l->audits; a != NULL; a = a->next)
		for (size_t i = 0; newest_audit(l, a->audit.server) == a &&
				   i < a->audit.failure_count;
		     i++)
			counts[a->audit.failures[i].severity] += !a->failures[i].fixed;
	put(w, "<p>");
	for (int s = SAKSI_SEVERITIES - 1; s >= 0; s--) {
		put(w, s < SAKSI_SEVERITIES - 1 ? " &middot; <span class=\""
						: "<span class=\"");
		put(w, saksi_severity_name((enum saksi_severity)s));
		put(w, "\">");
		saksi_html_cstr(w->out, severity_text(w, (enum saksi_severity)s));
		put(w, " ");
		saksi_buf_put_decimal(w->out, counts[s]);
		put(w, "</span>");
	}
	put(w, "</p>\n");
}

static void write_failures(const struct writing *w)
{
	static const enum saksi_text cells[] = {
	    SAKSI_TEXT_SERVER,     SAKSI_TEXT_SEVERITY,    SAKSI_TEXT_SEAL,
	    SAKSI_TEXT_FIRST_SEEN, SAKSI_TEXT_DISCLOSE_BY, SAKSI_TEXT_STATE};
	const struct saksi_ledger *l = &w->p->look->ledger;

	heading(w, SAKSI_TEXT_FAILURES);
	put(w, "<p class=\"soft\">");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_FAILURES_LEAD));
	put(w, "</p>");
	write_by_severity(w);
	head_row(w, cells, sizeof(cells) / sizeof(cells[0]));
	for (int sev = SAKSI_SEVERITIES - 1; sev >= 0; sev--)
		for (const struct saksi_ledger_audit *a = l->audits; a != NULL;
		     a = a->next)
			for (size_t i = 0; i < a->audit.failure_count; i++)
				if (!a->record->revoked &&
				    a->audit.failures[i].severity ==
					(enum saksi_severity)sev)
					failure_row(w, a, i);
	table_end(w);
}

/* ---- findings that were opened */

static void opened_rows(const struct writing *w, const struct saksi_record *r,
			struct saksi_bytes text)
{
	const struct saksi_ledger *l = &w->p->look->ledger;
	struct saksi_openings o;
	const struct saksi_audit *audit;

	if (saksi_openings_read(text, w->p->arena, &o, NULL) != SAKSI_OK)
		return;
	audit = saksi_ledger_audit_find(l, &o.audit);
	for (size_t i = 0; audit != NULL && i < o.finding_count; i++) {
		const struct saksi_finding *d = &o.findings[i];

		/* The look has checked them; a place that changed since shows none. */
		if (saksi_finding_check(
			d, audit,
			d->fixed ? saksi_ledger_audit_find(l, &d->later_audit) : NULL,
			NULL) != SAKSI_OK)
			continue;
		put(w, "<tr>");
		saksi_html_cell(w->out, NULL, audit->server);
		saksi_html_cell(w->out, NULL, d->rule);
		saksi_html_cell(w->out, NULL, d->detail);
		saksi_html_cell_cstr(
		    w->out, d->fixed ? "good" : NULL,
		    say(w, d->fixed ? SAKSI_TEXT_FIXED : SAKSI_TEXT_DISCLOSED));
		saksi_html_cell_number(w->out, r->index);
		put(w, "</tr>\n");
	}
}

static void write_opened(const struct writing *w)
{
	static const enum saksi_text cells[] = {SAKSI_TEXT_SERVER, SAKSI_TEXT_FAIL,
						SAKSI_TEXT_VERDICT, SAKSI_TEXT_STATE,
						SAKSI_TEXT_ENTRY};
	struct saksi_source *s = saksi_place_source(w->p->place);
	struct saksi_buf b = saksi_buf_growing(SAKSI_ADDENDUM_MAX);
	char path[SAKSI_ADDENDUM_PATH_LEN];
	bool any = false;

	for (const struct saksi_record *r = w->p->look->ledger.records; r != NULL;
	     r = r->next) {
		struct saksi_bytes text;
		struct saksi_hash got;

		if (r->verdict != SAKSI_OK || r->repeat || r->revoked ||
		    r->statement.kind != SAKSI_KIND_DISCLOSURE)
			continue;
		saksi_addendum_path(&r->statement.addenda[0], path);
		saksi_buf_clear(&b);
		if (s->get(s->ctx, path, &b) != SAKSI_OK)
			continue;
		got = saksi_hash_of(saksi_buf_bytes(&b));
		text = saksi_arena_copy(w->p->arena, saksi_buf_bytes(&b));
		if (!saksi_hash_same(&got, &r->statement.addenda[0]) || text.at == NULL)
			continue;
		if (!any) {
			heading(w, SAKSI_TEXT_OPENED);
			head_row(w, cells, sizeof(cells) / sizeof(cells[0]));
		}
		any = true;
		opened_rows(w, r, text);
	}
	if (any)
		table_end(w);
	saksi_buf_free(&b);
}

/* ---- witnesses */

static const struct saksi_cosigner *cosigner_of(const struct saksi_judged *j,
						uint32_t party)
{
	for (size_t i = 0; i < j->signer_count; i++)
		if (j->signers[i].party == (int32_t)party &&
		    j->signers[i].check.answer == SAKSI_SIG_GOOD)
			return &j->signers[i];
	return NULL;
}

static void write_groups(const struct writing *w)
{
	const struct saksi_policy *p = w->p->policy;

	put(w, "<p>");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_QUORUM));
	put(w, ":");
	for (uint32_t i = 0; i < p->party_count; i++) {
		const struct saksi_policy_party *g = &p->parties[i];

		if (!g->is_group)
			continue;
		put(w, " <b>");
		saksi_html_text(w->out, g->name);
		put(w, "</b> ");
		saksi_buf_put_decimal(w->out, g->k);
		put(w, " ");
		saksi_html_cstr(w->out, say(w, SAKSI_TEXT_OF));
		put(w, " ");
		saksi_buf_put_decimal(w->out, g->member_count);
		put(w, " (");
		for (uint32_t m = 0; m < g->member_count; m++) {
			put(w, m > 0 ? ", " : "");
			saksi_html_text(w->out, p->parties[g->members[m]].name);
		}
		put(w, ").");
	}
	put(w, "</p>\n");
}

static void write_witnesses(const struct writing *w)
{
	static const enum saksi_text cells[] = {SAKSI_TEXT_WITNESS,
						SAKSI_TEXT_LAST_SEEN};
	const struct saksi_policy *p = w->p->policy;

	heading(w, SAKSI_TEXT_WITNESSES);
	put(w, "<p class=\"soft\">");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_WITNESSES_LEAD));
	put(w, "</p>");
	write_groups(w);
	head_row(w, cells, sizeof(cells) / sizeof(cells[0]));
	for (uint32_t i = 0; i < p->party_count; i++) {
		const struct saksi_cosigner *c = cosigner_of(&w->p->look->judged, i);

		if (p->parties[i].is_group)
			continue;
		put(w, "<tr>");
		saksi_html_cell(w->out, NULL, p->parties[i].name);
		if (c != NULL)
			saksi_html_cell_time(w->out, (int64_t)c->time_utc);
		else
			saksi_html_cell_cstr(w->out, "bad", say(w, SAKSI_TEXT_NOT_NOW));
		put(w, "</tr>\n");
	}
	table_end(w);
}

/* ---- alarms and statements */

struct telling {
	const struct writing *w;
	size_t count;
};

static void alarm_item(void *ctx, const struct saksi_alarm *a)
{
	struct telling *t = ctx;

	put(t->w, t->count++ == 0 ? "<ul>\n<li class=\"bad\">" : "<li class=\"bad\">");
	saksi_html_cstr(t->w->out, saksi_alarm_name(a->kind));
	put(t->w, ": ");
	saksi_html_text(t->w->out, a->who);
	put(t->w, ": ");
	saksi_html_cstr(t->w->out, a->what);
	put(t->w, " (");
	saksi_buf_put_decimal(t->w->out, a->index);
	put(t->w, ")</li>\n");
}

static void write_alarms(const struct writing *w)
{
	struct telling t = {w, 0};

	heading(w, SAKSI_TEXT_ALARMS);
	saksi_ledger_alarms(&w->p->look->ledger, w->p->now_utc, alarm_item, &t);
	if (t.count > 0) {
		put(w, "</ul>\n");
		return;
	}
	put(w, "<p class=\"good\">");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_NO_ALARMS));
	put(w, "</p>\n");
}

static void write_statements(const struct writing *w)
{
	static const enum saksi_text cells[] = {SAKSI_TEXT_ENTRY, SAKSI_TEXT_TIME,
						SAKSI_TEXT_AUTHOR, SAKSI_TEXT_KIND,
						SAKSI_TEXT_VERDICT};

	heading(w, SAKSI_TEXT_STATEMENTS);
	head_row(w, cells, sizeof(cells) / sizeof(cells[0]));
	for (const struct saksi_record *r = w->p->look->ledger.records; r != NULL;
	     r = r->next) {
		put(w, "<tr>");
		saksi_html_cell_number(w->out, r->index);
		if (r->readable) {
			saksi_html_cell_time(w->out, r->statement.time_utc);
			saksi_html_cell(w->out, NULL, r->statement.author);
			saksi_html_cell(w->out, NULL, r->statement.kind_name);
		} else {
			put(w, "<td></td><td></td><td></td>");
		}
		if (r->verdict == SAKSI_OK && !r->revoked)
			saksi_html_cell_cstr(w->out, "good", say(w, SAKSI_TEXT_TRUE));
		else
			saksi_html_cell_cstr(w->out, "bad",
					     r->reason != NULL ? r->reason : "revoked");
		put(w, "</tr>\n");
	}
	table_end(w);
}

static void write_foot(const struct writing *w)
{
	const struct saksi_checkpoint *c = &w->p->look->judged.point;

	put(w, "</main><footer>");
	saksi_html_text(w->out, c->origin);
	put(w, " &middot; ");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_TREE));
	put(w, " <bdi>");
	saksi_buf_put_hex(w->out, saksi_hash_bytes(&c->root));
	put(w, "</bdi> &middot; ");
	saksi_html_cstr(w->out, say(w, SAKSI_TEXT_AS_OF));
	put(w, " ");
	saksi_html_time(w->out, w->p->now_utc);
	put(w, "</footer></body></html>\n");
}

enum saksi_err saksi_page_write(const struct saksi_page *p, struct saksi_buf *out)
{
	struct writing w = {p, out};

	write_head(&w);
	write_answer(&w);
	if (p->look->judged.note.all.at != NULL && p->look->ledger.arena != NULL) {
		write_tiles(&w);
		write_alarms(&w);
		write_servers(&w);
		write_witnesses(&w);
		write_failures(&w);
		write_opened(&w);
		write_statements(&w);
		write_foot(&w);
	} else {
		put(&w, "</main></body></html>\n");
	}
	return saksi_buf_check(out);
}
