/* SCAP content: which system it is for, which profiles it has, and which rules
 * a profile selects.  Only what is asked for here is kept. */
#ifndef SAKSI_ENGINE_CONTENT_H
#define SAKSI_ENGINE_CONTENT_H

#include "engine/xml.h"

#define SAKSI_SCAP_RULES_MAX 16384u
#define SAKSI_SCAP_GROUPS_MAX 8192u
#define SAKSI_SCAP_PROFILES_MAX 256u
#define SAKSI_SCAP_CHOICES_MAX 65536u
#define SAKSI_SCAP_PLATFORMS_MAX 256u

struct saksi_scap_rule {
	const char *id, *cluster;
	const char *severity; /* "high", "medium", "low", "info", "unknown" */
	size_t group;         /* the one around it, SIZE_MAX: none */
	bool selected;        /* the rule itself: see _select */
};
struct saksi_scap_group {
	const char *id, *cluster;
	size_t around;
	bool selected;
};
struct saksi_scap_profile {
	const char *id, *extends;
	size_t first_choice, choice_count;
	bool abstract;
};
struct saksi_scap_choice {
	const char *id;
	bool selected;
};

struct saksi_scap_content {
	const char **platforms; /* of the benchmark: "cpe:/o:...", or "#..." */
	struct saksi_scap_rule *rules;
	struct saksi_scap_group *groups;
	struct saksi_scap_profile *profiles;
	struct saksi_scap_choice *choices;
	size_t platform_count, rule_count, group_count, profile_count, choice_count;
	size_t benchmarks;
};

/* Reads a source data stream that holds one XCCDF benchmark; lives in `a`.
 *   OK         MALFORMED (also: another kind of file, an identifier that is none)
 *   LIMIT      over the bounds, or more than one benchmark     NOMEM */
SAKSI_MUST enum saksi_err saksi_scap_content_read(struct saksi_bytes text,
						  struct saksi_arena *a,
						  struct saksi_scap_content *out,
						  struct saksi_fault *f);
/* The platform of the content that says this system, or NULL: "debian" "12" is
 * what "cpe:/o:debian:debian_linux:12" says.  One that names no version says no
 * system; RHEL 9.2 is what "...:enterprise_linux:9" says. */
const char *saksi_scap_content_fits(const struct saksi_scap_content *c, const char *id,
				    const char *version);
/* The profile that is evaluated: the first of ours (CIS level 1 for servers,
 * then "standard") that the content has, else its first; NULL without any. */
const struct saksi_scap_profile *
saksi_scap_content_profile(const struct saksi_scap_content *c);
/* Sets `selected` of each rule to what this profile (NULL: none) makes of it: its
 * own mark, those of the groups around it, those the profile extends.  Gives how
 * many are selected.  Once for each content read.  Cost: choices times rules. */
size_t saksi_scap_content_select(struct saksi_scap_content *c,
				 const struct saksi_scap_profile *p);

#endif
