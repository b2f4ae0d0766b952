/* The parts of a witness.  Within this room. */
#ifndef SAKSI_WITNESS_INSIDE_H
#define SAKSI_WITNESS_INSIDE_H

#include "witness/book.h"
#include "witness/counts.h"
#include "witness/witness.h"

#include <pthread.h>

#define SAKSI_WITNESS_KEY_TEXT 1024 /* room for a key, a vkey or one line of a note */

struct saksi_witness_job; /* a request that waits: submit.c */

/* Those that wait, in order of arrival, and the thread that decides them. */
struct saksi_witness_queue {
	pthread_mutex_t lock; /* of what follows, up to `thread` */
	pthread_cond_t bell;
	struct saksi_witness_job *first, **last;
	struct saksi_witness_job *spare; /* done with, kept for their arenas */
	unsigned spare_count;
	bool ending, running;
	pthread_t thread;
	bool open; /* only its opener writes this */
};

struct saksi_witness {
	pthread_mutex_t lock, look_lock;
	struct saksi_book *book; /* writes; under `lock` */
	struct saksi_book *look; /* reads what is committed, and never waits for a
				  * write; under `look_lock` */
	struct saksi_witness_clock clock;
	struct saksi_signer *signer;
	struct saksi_vkey key;
	char name[SAKSI_NAME_MAX + 1];
	struct saksi_buf vkey;
	struct saksi_witness_counts counts;
	int lock_fd, dir;
	struct saksi_witness_queue queue;
};

/* Requests may come.  The first makes the thread that decides, for a server gives up
 * rights before it has threads. */
void saksi_witness_begin(struct saksi_witness *w);
/* Decides what waits still, answers it, ends the thread.  Safe when none was begun. */
void saksi_witness_end(struct saksi_witness *w);

#endif
