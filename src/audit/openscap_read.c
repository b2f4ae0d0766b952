/* What OpenSCAP reads and writes: XML of others, taken apart with expat. */
#include "audit/openscap.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const RESULTS[SAKSI_XCCDF_RESULTS] = {
    "pass",       "fail",        "error",         "unknown", "notapplicable",
    "notchecked", "notselected", "informational", "fixed"};

const char *saksi_xccdf_result_name(enum saksi_xccdf_result r)
{
	return r < SAKSI_XCCDF_RESULTS ? RESULTS[r] : "unknown";
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static const char *attribute(const char **list, const char *name)
{
	for (; *list; list += 2)
		if (strcmp(local_name(list[0]), name) == 0)
			return list[1];
	return NULL;
}

/* No document type: entities are for attacks on parsers. */
static void no_doctype(void *ctx, const char *name, const char *sysid,
		       const char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	XML_StopParser(*(XML_Parser *)ctx, XML_FALSE);
}

/* ---- for which system is it? */

struct platforms {
	XML_Parser parser;         /* first: no_doctype looks here */
	unsigned depth, benchmark; /* benchmark: its depth, 0 outside */
	bool any, fits;
	char wanted[2][96];
};

static void platform_begin(void *ctx, const char *name, const char **list)
{
	struct platforms *p = ctx;
	const char *local = local_name(name);

	p->depth++;
	if (strcmp(local, "Benchmark") == 0 && p->benchmark == 0)
		p->benchmark = p->depth;
	if (strcmp(local, "platform") != 0 || p->benchmark == 0 ||
	    p->depth != p->benchmark + 1)
		return;
	const char *id = attribute(list, "idref");
	p->any = true;
	for (size_t i = 0; id && i < 2; i++) {
		const size_t n = strlen(p->wanted[i]);
		const char *at = n ? strstr(id, p->wanted[i]) : NULL;
		/* ":12" is not the beginning of ":121". */
		if (at && (at[n] == '\0' || at[n] == ':' || at[n] == '.'))
			p->fits = true;
	}
}

static void platform_end(void *ctx, const char *name)
{
	struct platforms *p = ctx;

	(void)name;
	if (p->depth == p->benchmark)
		p->benchmark = 0;
	p->depth--;
}

/* How CPE names vendor and product of what os-release calls `id`. */
static void cpe_names(struct platforms *p, const char *id, const char *version)
{
	static const char *const known[][2] = {
	    {"debian", "debian:debian_linux"},
	    {"ubuntu", "canonical:ubuntu_linux"},
	    {"rhel", "redhat:enterprise_linux"},
	    {"centos", "centos:centos"},
	    {"almalinux", "almalinux:almalinux"},
	    {"rocky", "rocky:rocky"},
	    {"ol", "oracle:linux"},
	    {"fedora", "fedoraproject:fedora"},
	    {"sles", "suse:linux_enterprise_server"}};
	const int major = (int)strcspn(version, ".");

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i][0], id) != 0)
			continue;
		snprintf(p->wanted[0], sizeof(p->wanted[0]), "%s:%s", known[i][1],
			 version);
		/* Only ubuntu's releases differ behind the dot. */
		if (strcmp(id, "ubuntu") != 0)
			snprintf(p->wanted[1], sizeof(p->wanted[1]), "%s:%.*s",
				 known[i][1], major, version);
	}
}

static enum saksi_err feed(XML_Parser parser, int fd)
{
	char block[65536];
	ssize_t n;

	do {
		n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SAKSI_IO;
		if (XML_Parse(parser, block, (int)n, n == 0) != XML_STATUS_OK)
			return SAKSI_MALFORMED;
	} while (n != 0);
	return SAKSI_OK;
}

enum saksi_err saksi_openscap_fits(int fd, const char *os_id, const char *os_version,
				   enum saksi_fit *out)
{
	struct platforms p = {.parser = XML_ParserCreate(NULL)};

	if (!p.parser)
		return SAKSI_NOMEM;
	cpe_names(&p, os_id, os_version);
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, platform_begin, platform_end);
	XML_SetStartDoctypeDeclHandler(p.parser, no_doctype);
	const enum saksi_err err = feed(p.parser, fd);
	XML_ParserFree(p.parser);
	if (err == SAKSI_OK)
		*out = p.fits ? SAKSI_FIT_YES : p.any ? SAKSI_FIT_NO : SAKSI_FIT_UNSAID;
	return err;
}

/* ---- results */

struct results {
	XML_Parser parser;
	struct saksi_arena *a;
	struct saksi_openscap_rule *rules;
	size_t count;
	bool in_rule, in_result, has_result;
	char text[32];
	size_t text_len;
	enum saksi_err err;
};

static void stop(struct results *r, enum saksi_err err)
{
	r->err = err;
	XML_StopParser(r->parser, XML_FALSE);
}

static void result_begin(void *ctx, const char *name, const char **list)
{
	struct results *r = ctx;
	const char *local = local_name(name);

	if (strcmp(local, "rule-result") == 0) {
		const char *id = attribute(list, "idref");
		if (!id || r->in_rule) {
			stop(r, SAKSI_MALFORMED);
			return;
		}
		if (r->count == SAKSI_OPENSCAP_RULES_MAX) {
			stop(r, SAKSI_LIMIT);
			return;
		}
		struct saksi_openscap_rule *one = &r->rules[r->count];
		one->id = saksi_arena_copy(r->a, saksi_bytes_of(id));
		if (!one->id.at)
			stop(r, SAKSI_LIMIT);
		r->in_rule = true;
		r->has_result = false;
	} else if (strcmp(local, "result") == 0 && r->in_rule) {
		r->in_result = true;
		r->text_len = 0;
	}
}

static void result_text(void *ctx, const char *text, int len)
{
	struct results *r = ctx;

	if (!r->in_result)
		return;
	if (r->text_len + (size_t)len >= sizeof(r->text)) {
		stop(r, SAKSI_MALFORMED);
		return;
	}
	memcpy(r->text + r->text_len, text, (size_t)len);
	r->text_len += (size_t)len;
}

static void one_result(struct results *r)
{
	r->text[r->text_len] = '\0';
	for (enum saksi_xccdf_result i = 0; i < SAKSI_XCCDF_RESULTS; i++)
		if (strcmp(RESULTS[i], r->text) == 0 && !r->has_result) {
			r->rules[r->count].result = i;
			r->has_result = true;
			return;
		}
	stop(r, SAKSI_MALFORMED);
}

static void result_end(void *ctx, const char *name)
{
	struct results *r = ctx;
	const char *local = local_name(name);

	if (strcmp(local, "result") == 0 && r->in_result) {
		r->in_result = false;
		one_result(r);
	} else if (strcmp(local, "rule-result") == 0 && r->in_rule) {
		r->in_rule = false;
		if (r->has_result)
			r->count++;
		else
			stop(r, SAKSI_MALFORMED); /* a rule without a result */
	}
}

enum saksi_err saksi_openscap_read(struct saksi_bytes xml, struct saksi_arena *a,
				   struct saksi_openscap *out)
{
	struct results r = {.parser = XML_ParserCreate(NULL), .a = a};
	const size_t mark = a->used;
	enum saksi_err err = SAKSI_OK;

	if (!r.parser)
		return SAKSI_NOMEM;
	r.rules = saksi_arena_new(a, SAKSI_OPENSCAP_RULES_MAX, sizeof(*r.rules));
	if (!r.rules || xml.len > SAKSI_OPENSCAP_RESULT_MAX)
		err = SAKSI_LIMIT;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, result_begin, result_end);
	XML_SetCharacterDataHandler(r.parser, result_text);
	XML_SetStartDoctypeDeclHandler(r.parser, no_doctype);
	if (err == SAKSI_OK &&
	    XML_Parse(r.parser, (const char *)xml.at, (int)xml.len, 1) != XML_STATUS_OK)
		err = r.err != SAKSI_OK ? r.err : SAKSI_MALFORMED;
	XML_ParserFree(r.parser);
	if (err != SAKSI_OK) {
		saksi_arena_rewind(a, mark);
		return err;
	}
	out->rules = r.rules;
	out->rule_count = r.count;
	memset(out->count, 0, sizeof(out->count));
	for (size_t i = 0; i < r.count; i++)
		out->count[r.rules[i].result]++;
	return SAKSI_OK;
}
