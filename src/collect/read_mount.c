#include "collect/read_mount.h"
#include "collect/read_sections.h"
#include "collect/read_text.h"

#include <string.h>

static bool among(struct saksi_bytes s, const char *const *list)
{
	for (; *list; list++)
		if (saksi_bytes_is(s, *list))
			return true;
	return false;
}

bool saksi_mount_is_local(struct saksi_bytes type)
{
	static const char *const local[] = {
	    "ext2",  "ext3",     "ext4", "xfs",   "btrfs",  "zfs",      "f2fs",
	    "jfs",   "reiserfs", "vfat", "exfat", "ntfs3",  "bcachefs", "tmpfs",
	    "ramfs", "overlay",  "aufs", "ubifs", "nilfs2", NULL};

	return among(type, local);
}

bool saksi_mount_is_network(struct saksi_bytes type)
{
	static const char *const net[] = {
	    "nfs",       "nfs4", "cifs",  "smb3", "smbfs",  "afs",        "ceph",
	    "glusterfs", "9p",   "ocfs2", "gfs2", "lustre", "fuse.sshfs", NULL};

	return among(type, net) || saksi_bytes_starts(type, "fuse.gluster") ||
	       saksi_bytes_starts(type, "fuse.s3");
}

bool saksi_mount_line(struct saksi_bytes line, struct saksi_mount *out)
{
	struct saksi_bytes word;

	/* id parent maj:min root path options [optional...] - type device super */
	if (!saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &word) ||
	    !saksi_text_word(&line, NULL, &out->device_id) ||
	    !saksi_text_word(&line, NULL, &out->root) ||
	    !saksi_text_word(&line, NULL, &out->path) ||
	    !saksi_text_word(&line, NULL, &out->options))
		return false;
	do {
		if (!saksi_text_word(&line, NULL, &word))
			return false;
	} while (!saksi_bytes_is(word, "-"));
	return saksi_text_word(&line, NULL, &out->type) &&
	       saksi_text_word(&line, NULL, &out->device) &&
	       saksi_text_word(&line, NULL, &out->super);
}

static bool octal(uint8_t c)
{
	return c >= '0' && c <= '7';
}

const char *saksi_mount_text(struct saksi_bytes in, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len && n < cap - 1; i++) {
		const uint8_t *at = in.at + i;
		if (*at == '\\' && in.len - i >= 4 && octal(at[1]) && octal(at[2]) &&
		    octal(at[3])) {
			out[n++] = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 +
					  (at[3] - '0'));
			i += 3;
		} else {
			out[n++] = (char)*at;
		}
	}
	out[n] = '\0';
	return out;
}

static bool listed(struct saksi_bytes list, struct saksi_bytes word)
{
	struct saksi_bytes one;

	while (saksi_text_word(&list, ",", &one))
		if (saksi_bytes_same(one, word))
			return true;
	return false;
}

/* The options of a list, but those that stand in `but` too. */
static void options(struct saksi_gather *g, struct saksi_bytes subject,
		    const char *attribute, struct saksi_bytes list,
		    struct saksi_bytes but)
{
	struct saksi_bytes one, key, value;

	while (saksi_text_word(&list, ",", &one)) {
		if (listed(but, one))
			continue;
		saksi_text_cut(one, '=', &key, &value);
		/* A share's password may stand here. */
		if (saksi_bytes_starts(key, "pass"))
			one = key;
		saksi_gather_put(g, subject, attribute, one);
	}
}

static void fstab(struct saksi_gather *g, bool alone)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line, device, path, type, list;
	const struct saksi_bytes none = {NULL, 0};
	char text[4096];

	if (!saksi_gather_read(g, "/etc/fstab", &lines.left))
		return;
	while (saksi_lines_said(&lines, "#", &line)) {
		if (!saksi_text_word(&line, NULL, &device) ||
		    !saksi_text_word(&line, NULL, &path) ||
		    !saksi_text_word(&line, NULL, &type)) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "/etc/fstab:%u is not understood",
					  lines.number);
			continue;
		}
		if (path.at[0] != '/')
			continue; /* swap has no mount point */
		saksi_text_word(&line, NULL, &list);
		const struct saksi_bytes subject =
		    saksi_bytes_of(saksi_mount_text(path, text, sizeof(text)));
		if (alone) {
			saksi_gather_put(g, subject, "fstype", type);
			saksi_gather_put(g, subject, "from", saksi_bytes_of("fstab"));
			saksi_gather_yes(g, subject, "network",
					 saksi_mount_is_network(type));
			options(g, subject, "option", list, none);
		}
		saksi_gather_yes(g, subject, "fstab", true);
		options(g, subject, "fstab-option", list, none);
	}
}

static void mounted(struct saksi_gather *g)
{
	struct saksi_lines lines = {0};
	struct saksi_bytes line;
	struct saksi_mount m;
	char text[4096];

	if (!saksi_gather_read(g, "/proc/self/mountinfo", &lines.left)) {
		saksi_gather_note(g, SAKSI_COVERAGE_UNREAD,
				  "/proc/self/mountinfo could not be read");
		return;
	}
	while (saksi_lines_next(&lines, &line)) {
		if (!saksi_mount_line(line, &m)) {
			saksi_gather_note(g, SAKSI_COVERAGE_PARTIAL,
					  "/proc/self/mountinfo:%u is not understood",
					  lines.number);
			continue;
		}
		const struct saksi_bytes subject =
		    saksi_bytes_of(saksi_mount_text(m.path, text, sizeof(text)));
		saksi_gather_put(g, subject, "fstype", m.type);
		saksi_gather_put(g, subject, "from", saksi_bytes_of("mountinfo"));
		saksi_gather_yes(g, subject, "network", saksi_mount_is_network(m.type));
		options(g, subject, "option", m.options, (struct saksi_bytes){NULL, 0});
		options(g, subject, "option", m.super, m.options);
	}
}

void saksi_read_mount(struct saksi_gather *g)
{
	saksi_gather_open(g, "mount");
	if (g->src.running)
		mounted(g);
	else
		saksi_gather_note(
		    g, SAKSI_COVERAGE_PARTIAL,
		    "fstab says what is mounted at boot, not what is now");
	fstab(g, !g->src.running);
	saksi_gather_close(g);
}
