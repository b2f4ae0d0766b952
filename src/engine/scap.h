/* OpenSCAP's answer as facts: section `openscap` of docs/formats/facts.md.
 *
 * The engine, its results and the content are not trusted.  Content must be for
 * this system, and what the engine says must be about all rules that the content
 * selects, or nothing here can become a pass. */
#ifndef SAKSI_ENGINE_SCAP_H
#define SAKSI_ENGINE_SCAP_H

#include "facts/facts.h"
#include "engine/child.h"

#define SAKSI_SCAP_ENGINE "/usr/bin/oscap"
#define SAKSI_SCAP_CONTENT_DIR "/usr/share/xml/scap/ssg/content"
#define SAKSI_SCAP_CONTENT_MAX ((size_t)256 << 20)
#define SAKSI_SCAP_RESULTS_BYTES_MAX ((size_t)256 << 20)

/* For all: NULL (or zero) is the usual one.  Tests put others here. */
struct saksi_scap_options {
	const char *content; /* a source data stream; NULL: what is installed for
			      * this system */
	bool foreign;        /* facts are of a root that is not running here */
	const struct saksi_hash *content_digest, *engine_digest; /* that a plan asks
								  * for */
	const char *engine;                                      /* /usr/bin/oscap */
	const char *content_dir; /* where content is installed */
	const char *os_release;  /* /etc/os-release, then /usr/lib/os-release */
	const char *container;   /* /.dockerenv, whose being there makes content
				  * leave out rules */
	const char *tmp;         /* /tmp: a folder of mode 0700 is made in it */
	struct saksi_child_limits limits;
};

/* Writes the whole section with its coverage.  What goes wrong outside is told
 * there; the answer is of this program's own trouble: NOMEM, or what the writer
 * has in w->err.
 * Cost: minutes, for large content; 256 MiB and more of memory.
 * Test: tests/unit/engine/scap_test.c */
SAKSI_MUST enum saksi_err saksi_scap_collect(const struct saksi_scap_options *o,
					     struct saksi_facts_writer *w);
/* The SHA-256 of a file.  MISSING, IO, LIMIT (over CONTENT_MAX). */
SAKSI_MUST enum saksi_err saksi_scap_digest(const char *path, struct saksi_hash *out);

#endif
