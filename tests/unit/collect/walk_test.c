/* The walk sees every file once, in trees of any depth and shape. */
#include "collect_help.h"

#include "collect/walk.h"

#include <sys/resource.h>

struct sum {
	uint64_t files, directories;
	uint64_t name_sum; /* so that one seen twice for one left out shows */
	size_t longest;
};

static void seen(void *ctx, const struct saksi_walk_entry *e)
{
	struct sum *s = ctx;
	const bool dir = (e->mode & S_IFMT) == S_IFDIR;

	*(dir ? &s->directories : &s->files) += 1;
	for (const char *c = e->path; *c; c++)
		s->name_sum += (uint8_t)*c;
	if (strlen(e->path) > s->longest)
		s->longest = strlen(e->path);
	/* The folder it is in is open and holds it. */
	struct stat st;
	assert_int_equal(fstatat(e->dir, e->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, e->mode);
	assert_int_equal(st.st_uid, e->uid);
}

static bool enter(void *ctx, const struct saksi_walk_entry *e)
{
	(void)ctx;
	(void)e;
	return false;
}

static struct sum slow;

static int count(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)f;
	if (strcmp(path, root) == 0 || type == FTW_SL)
		return 0;
	*(S_ISDIR(st->st_mode) ? &slow.directories : &slow.files) += 1;
	for (const char *c = path + strlen(root); *c; c++)
		slow.name_sum += (uint8_t)*c;
	return 0;
}

static struct saksi_source source;

static struct saksi_walk walk(struct sum *s)
{
	struct saksi_walk w = {.src = &source, .seen = seen, .enter = enter, .ctx = s};

	assert_int_equal(saksi_source_open(&source, root), SAKSI_OK);
	assert_int_equal(saksi_walk_below(&w, "/"), SAKSI_OK);
	saksi_source_close(&source);
	return w;
}

static void like_nftw(void)
{
	struct sum s = {0};
	const struct saksi_walk w = walk(&s);

	slow = (struct sum){0};
	assert_int_equal(nftw(root, count, 64, FTW_PHYS), 0);
	assert_int_equal(s.files, slow.files);
	assert_int_equal(s.directories, slow.directories);
	assert_int_equal(s.name_sum, slow.name_sum);
	assert_int_equal(w.denied + w.too_deep + w.too_wide + w.vanished, 0);
}

static void a_bushy_tree_is_seen_whole(void **state)
{
	char path[256];

	(void)state;
	like_nftw(); /* an empty one */
	for (int a = 0; a < 12; a++)
		for (int b = 0; b < 12; b++) {
			(void)snprintf(path, sizeof(path), "/t/%d/%d/c/d%d/file", a, b,
				       a * b);
			put(path, "x");
			(void)snprintf(path, sizeof(path), "/t/%d/f%d", a, b);
			put(path, "x");
		}
	for (int i = 0; i < 3000; i++) { /* more than one getdents64 holds */
		(void)snprintf(path, sizeof(path), "/wide/file-with-a-long-name-%d", i);
		put(path, "");
	}
	assert_int_equal(symlink("..", at("/t/1/loop")), 0);
	assert_int_equal(symlink("/", at("/t/2/out")), 0);
	like_nftw();
}

/* Each level also has files after and subfolders beside the deep one, so that
 * folders must be come back to after their descriptor was given up. */
static void deep(unsigned levels)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY);

	for (unsigned i = 0; i < levels; i++) {
		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		assert_int_equal(mkdirat(fd, "a", 0755), 0);
		assert_int_equal(mkdirat(fd, "z", 0755), 0);
		const int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(fd);
		fd = next;
	}
	close(fd);
}

static void a_deep_tree_is_seen_whole(void **state)
{
	struct sum s = {0};
	const struct rlimit few = {2 * SAKSI_WALK_FDS, 2 * SAKSI_WALK_FDS};

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	wipe(at("/t"));
	wipe(at("/wide"));
	deep(10000);
	const struct saksi_walk w = walk(&s);
	assert_int_equal(w.directories, 30000);
	assert_int_equal(s.directories, 30000);
	assert_int_equal(s.longest, 20000);
	assert_int_equal(w.denied + w.too_deep + w.too_wide + w.vanished, 0);
}

/* Deeper than the walk goes: it says so, and sees all the rest. */
static void a_bottomless_tree_is_told(void **state)
{
	struct sum s = {0};

	(void)state;
	wipe(at("/d"));
	wipe(at("/a"));
	wipe(at("/z"));
	deep(SAKSI_WALK_DEPTH + 20);
	const struct saksi_walk w = walk(&s);
	assert_true(w.too_deep > 0);
	assert_true(w.directories >= 3 * (uint64_t)(SAKSI_WALK_DEPTH - 2));
	wipe(at("/d"));
}

/* While the walk runs somebody turns a folder into a link to another place, and
 * moves a folder whose parent must be come back to. */
static bool strayed;

static void exchange(void *ctx, const struct saksi_walk_entry *e)
{
	(void)ctx;
	if (strcmp(e->path, "/swap") == 0 && rename(at("/swap"), at("/was")) == 0)
		assert_int_equal(symlink("zz", at("/swap")), 0);
	if (strcmp(e->name, "last") == 0)
		assert_int_equal(rename(at("/m/deep"), at("/n")), 0);
	strayed = strayed ||
		  (strcmp(e->name, "bait") == 0 && (strncmp(e->path, "/m/", 3) == 0 ||
						    strncmp(e->path, "/swap", 5) == 0));
}

static void who_moves_folders_leads_nowhere(void **state)
{
	struct saksi_walk w = {.src = &source, .seen = exchange, .enter = enter};
	int fd;

	(void)state;
	put("/zz/bait", "x");
	put("/swap/file", "x");
	put("/m/deep/file", "x");
	/* so many that one is still to be done, in whatever order they come */
	for (int i = 0; i < 300; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "/m/%d/file", i);
		put(path, "x");
		(void)snprintf(path, sizeof(path), "/%d/bait", i);
		put(path, "x");
	}
	fd = open(at("/m/deep"), O_RDONLY | O_DIRECTORY);
	for (unsigned i = 0; i < SAKSI_WALK_FDS + 2; i++) {
		assert_int_equal(mkdirat(fd, i <= SAKSI_WALK_FDS ? "d" : "last", 0755),
				 0);
		const int next =
		    openat(fd, i <= SAKSI_WALK_FDS ? "d" : "last", O_RDONLY);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(saksi_source_open(&source, root), SAKSI_OK);
	assert_int_equal(saksi_walk_below(&w, "/"), SAKSI_OK);
	saksi_source_close(&source);
	assert_false(strayed);
	assert_true(w.vanished > 0);
}

static void a_mount_point_is_asked_for(void **state)
{
	struct saksi_walk w = {.seen = seen, .enter = enter};
	struct sum s = {0};

	(void)state;
	assert_int_equal(saksi_source_open(&source, NULL), SAKSI_OK);
	w.src = &source;
	w.ctx = &s;
	assert_int_equal(saksi_walk_below(&w, "/nowhere"), SAKSI_MISSING);
	saksi_source_close(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bushy_tree_is_seen_whole),
	    cmocka_unit_test(a_deep_tree_is_seen_whole),
	    cmocka_unit_test(a_bottomless_tree_is_told),
	    cmocka_unit_test(who_moves_folders_leads_nowhere),
	    cmocka_unit_test(a_mount_point_is_asked_for),
	};
	return cmocka_run_group_tests(tests, root_setup, root_teardown);
}
