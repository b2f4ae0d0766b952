#include "engine/results.h"

#include <stdlib.h>
#include <string.h>

struct named {
	const char *id;
	size_t rule;
};

struct reading {
	const struct saksi_scap_content *c;
	struct saksi_scap_results *out;
	struct named *sorted;
	int test, rule_result; /* depth of the open one, 0: none */
	size_t tests, rule;
	bool told; /* the open rule-result had its result */
};

const char *saksi_scap_result_name(enum saksi_scap_result r)
{
	static const char *const names[SAKSI_SCAP_RESULTS] = {
	    "none",        "pass",    "fail",  "notapplicable", "notchecked",
	    "notselected", "unknown", "error", "informational", "fixed"};

	return names[r];
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static void take_engine(struct reading *r, const char *system)
{
	static const char head[] = "cpe:/a:redhat:openscap:";
	size_t n;

	if (system == NULL || strncmp(system, head, sizeof(head) - 1) != 0)
		return;
	system += sizeof(head) - 1;
	n = strspn(system, "0123456789.");
	if (n == 0 || n > 16 || system[n] != '\0')
		return;
	memcpy(r->out->engine, "openscap ", 9);
	memcpy(r->out->engine + 9, system, n + 1);
}

static enum saksi_err open_rule_result(struct reading *r,
				       const struct saksi_xml_element *e)
{
	struct named key = {saksi_xml_attribute(e, "idref"), 0};
	const struct named *found;

	if (key.id == NULL || r->rule_result != 0)
		return SAKSI_MALFORMED;
	found = bsearch(&key, r->sorted, r->c->rule_count, sizeof(key), by_id);
	if (found == NULL || r->out->of[found->rule] != SAKSI_SCAP_NONE)
		return SAKSI_MALFORMED;
	r->rule = found->rule;
	r->rule_result = e->depth;
	r->told = false;
	return SAKSI_OK;
}

static enum saksi_err on_open(void *ctx, const struct saksi_xml_element *e)
{
	struct reading *r = ctx;

	if (e->depth == 1)
		return saksi_xml_is_xccdf(e, "Benchmark") ? SAKSI_OK : SAKSI_MALFORMED;
	if (e->depth == 2 && r->test == 0 && saksi_xml_is_xccdf(e, "TestResult")) {
		if (r->tests++ > 0)
			return SAKSI_MALFORMED;
		r->test = e->depth;
		take_engine(r, saksi_xml_attribute(e, "test-system"));
		return SAKSI_OK;
	}
	if (r->test != 0 && e->depth == r->test + 1 &&
	    saksi_xml_is_xccdf(e, "rule-result"))
		return open_rule_result(r, e);
	return SAKSI_OK;
}

static enum saksi_err take_result(struct reading *r, const struct saksi_xml_element *e)
{
	if (r->told || e->text_cut)
		return SAKSI_MALFORMED;
	for (int i = SAKSI_SCAP_PASS; i < SAKSI_SCAP_RESULTS; i++)
		if (strcmp(e->text,
			   saksi_scap_result_name((enum saksi_scap_result)i)) == 0) {
			r->out->of[r->rule] = (uint8_t)i;
			r->told = true;
			return SAKSI_OK;
		}
	return SAKSI_MALFORMED;
}

static enum saksi_err on_close(void *ctx, const struct saksi_xml_element *e)
{
	struct reading *r = ctx;

	if (r->rule_result != 0 && e->depth == r->rule_result) {
		r->rule_result = 0;
		return r->told ? SAKSI_OK : SAKSI_MALFORMED;
	}
	if (r->rule_result != 0 && e->depth == r->rule_result + 1 &&
	    saksi_xml_is_xccdf(e, "result"))
		return take_result(r, e);
	if (r->test != 0 && e->depth == r->test)
		r->test = 0;
	return SAKSI_OK;
}

enum saksi_err saksi_scap_results_read(struct saksi_bytes text,
				       const struct saksi_scap_content *c,
				       struct saksi_arena *a,
				       struct saksi_scap_results *out,
				       struct saksi_fault *f)
{
	struct saksi_scap_results results = {0};
	struct reading r = {.c = c, .out = &results};
	enum saksi_err err;

	results.of = saksi_arena_new(a, c->rule_count + 1, 1);
	r.sorted = saksi_arena_new(a, c->rule_count + 1, sizeof(*r.sorted));
	if (results.of == NULL || r.sorted == NULL)
		return saksi_fault_set(f, SAKSI_NOMEM, "no room for results", 0, 0);
	for (size_t i = 0; i < c->rule_count; i++)
		r.sorted[i] = (struct named){c->rules[i].id, i};
	qsort(r.sorted, c->rule_count, sizeof(*r.sorted), by_id);
	err = saksi_xml_read(text, on_open, on_close, &r, f);
	if (err == SAKSI_OK && r.tests != 1)
		err =
		    saksi_fault_set(f, SAKSI_MALFORMED, "no results of one test", 0, 0);
	if (err != SAKSI_OK)
		return err;
	for (size_t i = 0; i < c->rule_count; i++)
		results.count[results.of[i]]++;
	*out = results;
	return SAKSI_OK;
}
