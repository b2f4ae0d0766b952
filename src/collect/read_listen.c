/* Listening sockets, from /proc/net, and whose they are, from /proc/PID/fd. */
#include "collect/read_sections.h"
#include "collect/read_text.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKETS_MAX 4096

struct socket {
	const char *subject;
	uint64_t inode;
	bool owned; /* a process that holds it was found */
};

struct sockets {
	struct socket at[SOCKETS_MAX];
	size_t count;
};

static bool hex_word(struct saksi_bytes s, unsigned digits, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len != digits)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t c = s.at[i];
		v = v * 16 + (uint64_t)(c >= '0' && c <= '9'   ? c - '0'
					: c >= 'A' && c <= 'F' ? c - 'A' + 10
					: c >= 'a' && c <= 'f' ? c - 'a' + 10
							       : 0);
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
		      (c >= 'a' && c <= 'f')))
			return false;
	}
	*out = v;
	return true;
}

/* The kernel prints each 32-bit word of an address in its own byte order. */
static bool address(struct saksi_bytes s, uint8_t out[16], bool v6)
{
	for (size_t w = 0; w < (v6 ? 4u : 1u); w++) {
		uint64_t v;
		if (s.len < 8 * (w + 1) ||
		    !hex_word((struct saksi_bytes){s.at + 8 * w, 8}, 8, &v))
			return false;
		const uint32_t word = (uint32_t)v;
		memcpy(out + 4 * w, &word, 4);
	}
	return s.len == (v6 ? 32 : 8);
}

static const char *scope4(const uint8_t a[4])
{
	if (a[0] == 0 && a[1] == 0 && a[2] == 0 && a[3] == 0)
		return "any";
	if (a[0] == 127)
		return "loopback";
	if (a[0] == 169 && a[1] == 254)
		return "link";
	if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) ||
	    (a[0] == 192 && a[1] == 168) || (a[0] == 100 && (a[1] & 0xc0) == 64))
		return "private";
	return "public";
}

static const char *scope6(const uint8_t a[16])
{
	static const uint8_t zero[16], mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (memcmp(a, zero, 16) == 0)
		return "any";
	if (memcmp(a, zero, 15) == 0 && a[15] == 1)
		return "loopback";
	if (memcmp(a, mapped, 12) == 0)
		return scope4(a + 12);
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
		return "link";
	return (a[0] & 0xfe) == 0xfc ? "private" : "public";
}

struct row {
	uint8_t address[16];
	uint64_t port, state, inode;
	int64_t uid;
};

static bool row_of(struct saksi_bytes line, bool v6, struct row *r)
{
	struct saksi_bytes word, left, right;
	int64_t inode;

	/* sl local remote st tx:rx tr:tm->when retrnsmt uid timeout inode */
	if (!saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_cut(word, ':', &left, &right) ||
	    !address(left, r->address, v6) || !hex_word(right, 4, &r->port) ||
	    !saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &word) || !hex_word(word, 2, &r->state))
		return false;
	for (int i = 0; i < 3; i++)
		if (!saksi_text_word(&line, NULL, &word))
			return false;
	if (!saksi_text_word(&line, NULL, &word) || !saksi_text_number(word, &r->uid) ||
	    !saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &word) || !saksi_text_number(word, &inode))
		return false;
	r->inode = (uint64_t)inode;
	return true;
}

static const char *put_row(struct saksi_gather *g, const char *proto,
			   const struct row *r, bool v6)
{
	char text[INET6_ADDRSTRLEN] = "";
	const char *scope = v6 ? scope6(r->address) : scope4(r->address);

	inet_ntop(v6 ? AF_INET6 : AF_INET, r->address, text, sizeof(text));
	const char *subject = saksi_gather_text(g, "%s/%s/%llu", proto, text,
						(unsigned long long)r->port);
	saksi_gather_puts(g, subject, "proto", proto);
	saksi_gather_puts(g, subject, "address", text);
	saksi_gather_number(g, saksi_bytes_of(subject), "port", (int64_t)r->port);
	saksi_gather_puts(g, subject, "scope", scope);
	saksi_gather_puts(g, subject, "exposed",
			  strcmp(scope, "loopback") == 0 ? "no" : "yes");
	saksi_gather_number(g, saksi_bytes_of(subject), "uid", r->uid);
	return subject;
}

static void read_table(struct saksi_gather *g, const char *proto, struct saksi_bytes in,
		       struct sockets *all)
{
	const bool v6 = proto[strlen(proto) - 1] == '6';
	/* TCP_LISTEN; a UDP socket without a peer is TCP_CLOSE. */
	const uint64_t listening = proto[0] == 't' ? 0x0a : 0x07;
	struct saksi_lines lines = {.left = in};
	struct saksi_bytes line;

	while (saksi_lines_next(&lines, &line)) {
		struct row r;
		if (lines.number == 1)
			continue;
		if (!row_of(line, v6, &r)) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "/proc/net/%s:%u is not understood", proto,
					  lines.number);
			continue;
		}
		if (r.state != listening)
			continue;
		const char *subject = put_row(g, proto, &r, v6);
		if (all && all->count < SOCKETS_MAX)
			all->at[all->count++] =
			    (struct socket){subject, r.inode, false};
	}
}

void saksi_read_listen_text(struct saksi_gather *g, const char *proto,
			    struct saksi_bytes in)
{
	read_table(g, proto, in, NULL);
}

/* ---- whose they are */

static void own(struct saksi_gather *g, struct sockets *all, const char *pid)
{
	struct saksi_names fds;
	struct saksi_bytes comm;
	char link[64];
	const char *dir = saksi_gather_text(g, "/proc/%s/fd", pid);
	const enum saksi_read r = saksi_source_names(&g->src, dir, &g->scratch, &fds);

	if (r != SAKSI_READ_OK && r != SAKSI_READ_LARGE)
		return;
	for (size_t i = 0; i < fds.count; i++) {
		uint64_t inode;
		struct saksi_bytes digits;
		if (saksi_source_link(&g->src,
				      saksi_gather_text(g, "%s/%s", dir, fds.at[i]),
				      link, sizeof(link)) != SAKSI_READ_OK ||
		    strncmp(link, "socket:[", 8) != 0)
			continue;
		digits = saksi_bytes_of(link + 8);
		if (digits.len == 0 || digits.at[--digits.len] != ']' ||
		    saksi_text_decimal(digits, &inode) != SAKSI_OK)
			continue;
		for (size_t j = 0; j < all->count; j++)
			if (all->at[j].inode == inode &&
			    saksi_gather_value(
				g, saksi_gather_text(g, "/proc/%s/comm", pid), false,
				&comm)) {
				saksi_gather_put(g, saksi_bytes_of(all->at[j].subject),
						 "process", comm);
				all->at[j].owned = true;
			}
	}
}

static void processes(struct saksi_gather *g, struct sockets *all)
{
	struct saksi_names names;
	size_t unowned = 0;

	if (all->count == 0 || !saksi_gather_names(g, "/proc", &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		const size_t mark = g->scratch.used;
		if (names.at[i][0] >= '0' && names.at[i][0] <= '9')
			own(g, all, names.at[i]);
		saksi_arena_rewind(&g->scratch, mark);
	}
	for (size_t i = 0; i < all->count; i++)
		unowned += !all->at[i].owned;
	if (unowned > 0)
		saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
				  "the processes that hold %zu sockets were not seen",
				  unowned);
}

void saksi_read_listen(struct saksi_gather *g)
{
	static const char *const protos[] = {"tcp", "tcp6", "udp", "udp6"};
	struct sockets *all;
	struct saksi_bytes in;

	saksi_gather_open(g, "listen");
	all = saksi_arena_new(&g->scratch, 1, sizeof(*all));
	if (!g->src.running)
		saksi_gather_note(g, SAKSI_COVERAGE_ABSENT,
				  "needs the running kernel, and this is a directory");
	for (size_t i = 0; g->src.running && all && i < 4; i++) {
		/* /proc/net is a link into /proc/self, which is no magic one. */
		const char *path = saksi_gather_text(g, "/proc/self/net/%s", protos[i]);
		const enum saksi_read r =
		    saksi_source_read(&g->src, path, 16u << 20, &g->scratch, &in);
		if (saksi_gather_noted(g, r, path))
			read_table(g, protos[i], in, all);
		else if (i == 0)
			saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
					  "%s could not be read", path);
	}
	if (g->src.running && all)
		processes(g, all);
	saksi_gather_close(g);
}
