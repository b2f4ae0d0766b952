#include "facts/version.h"

#include <string.h>

struct version {
	struct saksi_bytes epoch, upstream, revision;
};

static struct version parts(struct saksi_bytes s)
{
	struct version v = {.upstream = s};
	const uint8_t *colon = s.len ? memchr(s.at, ':', s.len) : NULL;

	if (colon) {
		v.epoch = (struct saksi_bytes){s.at, (size_t)(colon - s.at)};
		v.upstream = (struct saksi_bytes){colon + 1, s.len - v.epoch.len - 1};
	}
	for (size_t i = v.upstream.len; i > 0; i--) {
		if (v.upstream.at[i - 1] != '-')
			continue;
		v.revision =
		    (struct saksi_bytes){v.upstream.at + i, v.upstream.len - i};
		v.upstream.len = i - 1;
		break;
	}
	return v;
}

static bool digit(struct saksi_bytes s)
{
	return s.at != NULL && s.len > 0 && s.at[0] >= '0' && s.at[0] <= '9';
}

/* ~ sorts before the end, the end before letters, letters before the rest. */
static int weight(struct saksi_bytes s)
{
	if (s.at == NULL || s.len == 0 || digit(s))
		return 0;
	const uint8_t c = s.at[0];
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return c;
	return c == '~' ? -1 : c + 256;
}

static void next(struct saksi_bytes *s)
{
	s->at++;
	s->len--;
}

static int text(struct saksi_bytes *a, struct saksi_bytes *b)
{
	while ((a->len > 0 && !digit(*a)) || (b->len > 0 && !digit(*b))) {
		const int d = weight(*a) - weight(*b);
		if (d != 0)
			return d;
		next(a);
		next(b);
	}
	return 0;
}

static int number(struct saksi_bytes *a, struct saksi_bytes *b)
{
	int first = 0;

	while (a->len > 0 && a->at[0] == '0')
		next(a);
	while (b->len > 0 && b->at[0] == '0')
		next(b);
	while (digit(*a) && digit(*b)) {
		if (first == 0)
			first = a->at[0] - b->at[0];
		next(a);
		next(b);
	}
	if (digit(*a))
		return 1;
	return digit(*b) ? -1 : first;
}

static int part(struct saksi_bytes a, struct saksi_bytes b)
{
	int d = 0;

	while (d == 0 && (a.len > 0 || b.len > 0)) {
		d = text(&a, &b);
		if (d == 0)
			d = number(&a, &b);
	}
	return d;
}

int saksi_debian_version_order(struct saksi_bytes a, struct saksi_bytes b)
{
	const struct version x = parts(a), y = parts(b);
	int d = number(&(struct saksi_bytes){x.epoch.at, x.epoch.len},
		       &(struct saksi_bytes){y.epoch.at, y.epoch.len});

	if (d == 0)
		d = part(x.upstream, y.upstream);
	if (d == 0)
		d = part(x.revision, y.revision);
	return d;
}
