#include "engine/content.h"

#include <string.h>

#define STREAM_1 "http://scap.nist.gov/schema/scap/source/1."
#define EXTENDS_MAX 16

struct reading {
	struct saksi_scap_content *c;
	struct saksi_arena *a;
	size_t group;  /* the open one, SIZE_MAX: none */
	int benchmark; /* depth of the open benchmark, 0: none */
	bool in_profile, in_rule, stream;
};

static enum saksi_err optional_id(struct reading *r, const char *value,
				  const char **out)
{
	*out = NULL;
	return value == NULL ? SAKSI_OK : saksi_xml_id(value, r->a, out);
}

static const char *severity_of(const char *value)
{
	static const char *const known[] = {"high", "medium", "low", "info"};

	for (size_t i = 0; value != NULL && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(value, known[i]) == 0)
			return known[i];
	return "unknown";
}

static enum saksi_err open_rule(struct reading *r, const struct saksi_xml_element *e)
{
	struct saksi_scap_rule *rule = &r->c->rules[r->c->rule_count];

	if (r->c->rule_count == SAKSI_SCAP_RULES_MAX)
		return SAKSI_LIMIT;
	if (r->in_rule)
		return SAKSI_MALFORMED;
	SAKSI_TRY(saksi_xml_id(saksi_xml_attribute(e, "id"), r->a, &rule->id));
	SAKSI_TRY(optional_id(r, saksi_xml_attribute(e, "cluster-id"), &rule->cluster));
	SAKSI_TRY(saksi_xml_boolean(saksi_xml_attribute(e, "selected"), true,
				    &rule->selected));
	rule->severity = severity_of(saksi_xml_attribute(e, "severity"));
	rule->group = r->group;
	r->c->rule_count++;
	r->in_rule = true;
	return SAKSI_OK;
}

static enum saksi_err open_group(struct reading *r, const struct saksi_xml_element *e)
{
	struct saksi_scap_group *group = &r->c->groups[r->c->group_count];

	if (r->c->group_count == SAKSI_SCAP_GROUPS_MAX)
		return SAKSI_LIMIT;
	if (r->in_rule)
		return SAKSI_MALFORMED;
	SAKSI_TRY(saksi_xml_id(saksi_xml_attribute(e, "id"), r->a, &group->id));
	SAKSI_TRY(
	    optional_id(r, saksi_xml_attribute(e, "cluster-id"), &group->cluster));
	SAKSI_TRY(saksi_xml_boolean(saksi_xml_attribute(e, "selected"), true,
				    &group->selected));
	group->around = r->group;
	r->group = r->c->group_count++;
	return SAKSI_OK;
}

static enum saksi_err open_profile(struct reading *r, const struct saksi_xml_element *e)
{
	struct saksi_scap_profile *p = &r->c->profiles[r->c->profile_count];

	if (r->c->profile_count == SAKSI_SCAP_PROFILES_MAX)
		return SAKSI_LIMIT;
	SAKSI_TRY(saksi_xml_id(saksi_xml_attribute(e, "id"), r->a, &p->id));
	SAKSI_TRY(optional_id(r, saksi_xml_attribute(e, "extends"), &p->extends));
	SAKSI_TRY(
	    saksi_xml_boolean(saksi_xml_attribute(e, "abstract"), false, &p->abstract));
	p->first_choice = r->c->choice_count;
	r->c->profile_count++;
	r->in_profile = true;
	return SAKSI_OK;
}

static enum saksi_err open_select(struct reading *r, const struct saksi_xml_element *e)
{
	struct saksi_scap_choice *s = &r->c->choices[r->c->choice_count];
	const char *selected = saksi_xml_attribute(e, "selected");

	if (r->c->choice_count == SAKSI_SCAP_CHOICES_MAX)
		return SAKSI_LIMIT;
	if (selected == NULL)
		return SAKSI_MALFORMED;
	SAKSI_TRY(saksi_xml_id(saksi_xml_attribute(e, "idref"), r->a, &s->id));
	SAKSI_TRY(saksi_xml_boolean(selected, true, &s->selected));
	r->c->choice_count++;
	r->c->profiles[r->c->profile_count - 1].choice_count++;
	return SAKSI_OK;
}

static enum saksi_err open_platform(struct reading *r,
				    const struct saksi_xml_element *e)
{
	const char *idref = saksi_xml_attribute(e, "idref");
	struct saksi_bytes copy;

	if (r->c->platform_count == SAKSI_SCAP_PLATFORMS_MAX)
		return SAKSI_LIMIT;
	if (idref == NULL || strlen(idref) > 256)
		return SAKSI_MALFORMED;
	copy = saksi_arena_copy(
	    r->a, (struct saksi_bytes){(const uint8_t *)idref, strlen(idref) + 1});
	if (copy.at == NULL)
		return SAKSI_LIMIT;
	r->c->platforms[r->c->platform_count++] = (const char *)copy.at;
	return SAKSI_OK;
}

static enum saksi_err on_open(void *ctx, const struct saksi_xml_element *e)
{
	struct reading *r = ctx;

	if (e->depth == 1) {
		r->stream = strncmp(e->space, STREAM_1, strlen(STREAM_1)) == 0 &&
			    strcmp(e->name, "data-stream-collection") == 0;
		return r->stream ? SAKSI_OK : SAKSI_MALFORMED;
	}
	if (saksi_xml_is_xccdf(e, "Benchmark")) {
		if (r->c->benchmarks++ > 0)
			return SAKSI_LIMIT;
		r->benchmark = e->depth;
		return SAKSI_OK;
	}
	if (r->benchmark == 0)
		return SAKSI_OK;
	if (saksi_xml_is_xccdf(e, "Rule"))
		return open_rule(r, e);
	if (saksi_xml_is_xccdf(e, "Group"))
		return open_group(r, e);
	if (saksi_xml_is_xccdf(e, "Profile") && e->depth == r->benchmark + 1)
		return open_profile(r, e);
	if (saksi_xml_is_xccdf(e, "select") && r->in_profile)
		return open_select(r, e);
	if (saksi_xml_is_xccdf(e, "platform") && e->depth == r->benchmark + 1)
		return open_platform(r, e);
	return SAKSI_OK;
}

static enum saksi_err on_close(void *ctx, const struct saksi_xml_element *e)
{
	struct reading *r = ctx;

	if (r->benchmark == 0)
		return SAKSI_OK;
	if (e->depth == r->benchmark)
		r->benchmark = 0;
	else if (saksi_xml_is_xccdf(e, "Rule"))
		r->in_rule = false;
	else if (saksi_xml_is_xccdf(e, "Group"))
		r->group = r->c->groups[r->group].around;
	else if (saksi_xml_is_xccdf(e, "Profile"))
		r->in_profile = false;
	return SAKSI_OK;
}

enum saksi_err saksi_scap_content_read(struct saksi_bytes text, struct saksi_arena *a,
				       struct saksi_scap_content *out,
				       struct saksi_fault *f)
{
	struct saksi_scap_content c = {0};
	struct reading r = {.c = &c, .a = a, .group = SIZE_MAX};
	enum saksi_err err;

	c.platforms =
	    saksi_arena_new(a, SAKSI_SCAP_PLATFORMS_MAX, sizeof(*c.platforms));
	c.rules = saksi_arena_new(a, SAKSI_SCAP_RULES_MAX + 1, sizeof(*c.rules));
	c.groups = saksi_arena_new(a, SAKSI_SCAP_GROUPS_MAX + 1, sizeof(*c.groups));
	c.profiles =
	    saksi_arena_new(a, SAKSI_SCAP_PROFILES_MAX + 1, sizeof(*c.profiles));
	c.choices = saksi_arena_new(a, SAKSI_SCAP_CHOICES_MAX + 1, sizeof(*c.choices));
	if (c.choices == NULL || c.profiles == NULL || c.groups == NULL ||
	    c.rules == NULL || c.platforms == NULL)
		return saksi_fault_set(f, SAKSI_NOMEM, "no room for content", 0, 0);
	err = saksi_xml_read(text, on_open, on_close, &r, f);
	if (err == SAKSI_OK && c.benchmarks == 0)
		err = saksi_fault_set(f, SAKSI_MALFORMED, "no XCCDF benchmark", 0, 0);
	if (err == SAKSI_OK)
		*out = c;
	return err;
}

/* ---- platform */

/* What os-release calls a system and what CPE 2.2 calls it. */
static const struct {
	const char *id, *cpe;
} SYSTEMS[] = {
    {"debian", "debian:debian_linux"},        {"ubuntu", "canonical:ubuntu_linux"},
    {"rhel", "redhat:enterprise_linux"},      {"centos", "centos:centos"},
    {"fedora", "fedoraproject:fedora"},       {"ol", "oracle:linux"},
    {"sles", "suse:linux_enterprise_server"}, {"almalinux", "almalinux:almalinux"},
    {"opensuse-leap", "opensuse:leap"},       {"rocky", "rocky:rocky"},
};

/* Is `part` (up to a ':' or its end) the version or the beginning of it up to a
 * dot? */
static bool version_begins(const char *part, const char *version)
{
	size_t n = strcspn(part, ":");

	if (n == 0 || strncmp(part, version, n) != 0)
		return false;
	return version[n] == '\0' || version[n] == '.';
}

const char *saksi_scap_content_fits(const struct saksi_scap_content *c, const char *id,
				    const char *version)
{
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(SYSTEMS) / sizeof(*SYSTEMS); i++)
		if (strcmp(SYSTEMS[i].id, id) == 0)
			name = SYSTEMS[i].cpe;
	for (size_t i = 0; name != NULL && i < c->platform_count; i++) {
		const char *p = c->platforms[i];
		size_t head;

		if (strncmp(p, "cpe:/o:", 7) == 0)
			head = 7;
		else if (strncmp(p, "cpe:2.3:o:", 10) == 0)
			head = 10;
		else
			continue;
		p += head;
		if (strncmp(p, name, strlen(name)) != 0 || p[strlen(name)] != ':')
			continue;
		if (version_begins(p + strlen(name) + 1, version))
			return c->platforms[i];
	}
	return NULL;
}

/* ---- profile */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

const struct saksi_scap_profile *
saksi_scap_content_profile(const struct saksi_scap_content *c)
{
	static const char *const ours[] = {"_cis_level1_server", "_cis_server_l1",
					   "_standard"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		for (size_t k = 0; k < c->profile_count; k++)
			if (!c->profiles[k].abstract &&
			    ends_with(c->profiles[k].id, ours[i]))
				return &c->profiles[k];
	for (size_t k = 0; k < c->profile_count; k++)
		if (!c->profiles[k].abstract)
			return &c->profiles[k];
	return NULL;
}

static const struct saksi_scap_profile *extended(const struct saksi_scap_content *c,
						 const struct saksi_scap_profile *p)
{
	for (size_t i = 0; p->extends != NULL && i < c->profile_count; i++)
		if (strcmp(c->profiles[i].id, p->extends) == 0)
			return &c->profiles[i];
	return NULL;
}

static bool means(const char *choice, const char *id, const char *cluster)
{
	return strcmp(choice, id) == 0 ||
	       (cluster != NULL && strcmp(choice, cluster) == 0);
}

static void choose(struct saksi_scap_content *c, const struct saksi_scap_profile *p)
{
	for (size_t k = p->first_choice; k < p->first_choice + p->choice_count; k++) {
		const struct saksi_scap_choice *s = &c->choices[k];

		for (size_t i = 0; i < c->rule_count; i++)
			if (means(s->id, c->rules[i].id, c->rules[i].cluster))
				c->rules[i].selected = s->selected;
		for (size_t i = 0; i < c->group_count; i++)
			if (means(s->id, c->groups[i].id, c->groups[i].cluster))
				c->groups[i].selected = s->selected;
	}
}

size_t saksi_scap_content_select(struct saksi_scap_content *c,
				 const struct saksi_scap_profile *p)
{
	const struct saksi_scap_profile *chain[EXTENDS_MAX];
	size_t n = 0, selected = 0;

	/* What is extended comes first, so that the profile itself has the last word.
	 */
	for (; p != NULL && n < EXTENDS_MAX; p = extended(c, p))
		chain[n++] = p;
	while (n > 0)
		choose(c, chain[--n]);
	for (size_t i = 0; i < c->rule_count; i++) {
		struct saksi_scap_rule *rule = &c->rules[i];

		for (size_t g = rule->group; g != SIZE_MAX; g = c->groups[g].around)
			rule->selected = rule->selected && c->groups[g].selected;
		selected += rule->selected;
	}
	return selected;
}
