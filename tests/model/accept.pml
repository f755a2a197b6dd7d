/* SPDX-License-Identifier: Apache-2.0 */
/* Accepted once, delivered for certain: a sender, the broker as Mosquitto is, the plugin, an attacker, and crashes.
 *
 * One process chooses what happens next: a packet of the sender or of an attacker, a lost connection, the broker's loop,
 * its end, kill -9. What the broker does with one packet is one step, but it may be killed between any two parts of it.
 * docs/reliability.md says what is modelled and what is not; tests/model/run says which variants are checked.
 *
 * A message is a number from 1 on: its counter. Sets of messages are bit masks.
 */

/* ---- Size of the world; run sets them ---- */
#ifndef BROKER
#define BROKER 21               /* 20: Mosquitto 2.0, copies are queued in the next loop round; 21: at once */
#endif
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef WINDOW
#define WINDOW 1                /* counters; 1 moves on with every message */
#endif
#ifndef SUBSCRIBERS
#define SUBSCRIBERS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef ENDS
#define ENDS 0                  /* orderly ends of the broker */
#endif
#ifndef CUTS
#define CUTS 1                  /* lost connections of the sender */
#endif
#ifndef SAVES
#define SAVES 1                 /* times that the broker saves its sessions, besides its orderly end */
#endif
#ifndef ATTACKERS
#define ATTACKERS 0             /* sessions of the attacker */
#endif
#ifndef ATTACKS
#define ATTACKS 0               /* what the attacker does altogether */
#endif

/* ---- The variants: how the plugin accepts ---- */
#ifdef OLD                      /* until 1.0: marked for good when the PUBLISH comes, no question at the fan-out */
#define NO_IDENTITY
#define NO_PENDING
#endif

#define IN(set, m) (((set) >> ((m) - 1)) & 1)
#define ADD(set, m) set = (set) | (1 << ((m) - 1))
#define DROP(set, m) set = (set) & ~(1 << ((m) - 1))
#define ALL ((1 << MESSAGES) - 1)

/* ---- Sender ---- */
#define UNSEALED 0
#define SEALED 1                /* to be published, or published again */
#define PUBLISHED 2
#define RECEIVED 3              /* PUBREC came */
#define RELEASED 4              /* PUBREL went out */
#define DONE 5                  /* PUBACK or PUBCOMP came */
#define PUBREC 1
#define FINAL 2                 /* PUBACK or PUBCOMP */
byte stage[MESSAGES + 1];
byte answer[MESSAGES + 1];      /* on its way to the sender */
bit qos2[MESSAGES + 1];
bit lasting;                    /* its session outlives the connection */
byte arrived;                   /* an answer to these came once */
byte sealed;                    /* the attacker has captured these, whether they arrived or not */

/* ---- Broker: session 0 is the sender's, the others are the attacker's ---- */
#define SESSIONS (1 + ATTACKERS)
#if MESSAGES > 2
#define IDS MESSAGES
#else
#define IDS 2
#endif
#define HELD(s, id) held[(s) * IDS + (id) - 1]
#define SAVED(s, id) saved[(s) * IDS + (id) - 1]
bit up[SESSIONS];
bit known[SESSIONS];            /* the broker has a session of this client id */
bit keeps[SESSIONS];            /* it outlives the connection */
byte held[SESSIONS * IDS];      /* QoS 2 between PUBREC and PUBREL: which message lies under this packet id */
byte will[SESSIONS];
bit persistent;                 /* the broker has a file of its sessions */
bit is_saved[SESSIONS];
byte saved[SESSIONS * IDS];
byte handed[SUBSCRIBERS + 1];   /* 2.0: given to the broker for this client, not yet queued */

/* ---- Plugin: what counts while it runs, and what a crash leaves (_c: certain) ---- */
byte highest, highest_c;
byte marked, marked_c;          /* within the window */
byte open, open_c;              /* let in under QoS 2 and not accepted yet */
bit begun[SESSIONS];            /* a message of the principal came in this session */
byte slot_from[SESSIONS];       /* counters passed over when that was: below slot_until */
byte slot_until[SESSIONS];
byte journal[SUBSCRIBERS + 1];  /* 2.0, survives a crash: accepted for this client, not known to be queued */

/* ---- What is promised ---- */
byte delivered[SUBSCRIBERS + 1];
byte ever[SUBSCRIBERS + 1];
byte again[(SUBSCRIBERS + 1) * (MESSAGES + 1)]; /* crashes between delivery and certainty: so many more are allowed */
byte moment;                    /* accepted in the event that is being handled, or was the latest */
byte forgot;                    /* held by a lasting session, and not in the file that the broker came back with */

/* ---- Budgets ---- */
byte crashes = CRASHES;
byte ends = ENDS;
byte cuts = CUTS;
byte saves = SAVES;
byte attacks = ATTACKS;

/* ---- The packet that is handled ---- */
byte by, message, qos, id;
byte i, r;

#define AGAIN(r, m) again[(r) * (MESSAGES + 1) + (m)]
#define LEFT(m) ((m) + WINDOW <= highest)
#define FRESH(m) (!IN(marked, m) && (!LEFT(m) || IN(open, m)))
#ifdef RUNS_AHEAD
#define MAY_SEAL(m) true
#else
#define MAY_SEAL(m) ((m) <= WINDOW || IN(arrived, (m) - WINDOW))
#endif
#define ADMITS(s, m) (slot_from[s] <= (m) && (m) < slot_until[s])

#define CRASH if :: crashes > 0 -> crashes--; goto crashed :: true fi

inline settle() {
    d_step {
        highest_c = highest;
        marked_c = marked;
#ifndef PENDING_IN_MEMORY
        open_c = open;
#endif
    }
}

/* The next event at the plugin. */
inline event() {
    moment = 0;
#if BROKER == 21 || !defined(SETTLE_AT_TICK)
    settle();
#endif
}

inline let_in_pending(m) {
#ifdef NO_PENDING
    skip;
#else
    ADD(open, m);
#if !defined(PENDING_IN_MEMORY) && !defined(PENDING_AT_SETTLE)
    ADD(open_c, m);
#endif
#endif
}

/* The slots of the principal's sessions hear of each accepted message before the window does. */
inline tell_slots(m) {
    i = 0;
    do
    :: i < SESSIONS ->
        if
        :: up[i] && !begun[i] ->
            begun[i] = 1;
            if
            :: highest + 1 < m -> slot_from[i] = highest + 1; slot_until[i] = m
            :: else
            fi
        :: up[i] && begun[i] && ADMITS(i, m) -> slot_from[i] = 0; slot_until[i] = 0
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

inline mark(m) {
    d_step {
        tell_slots(m);
        DROP(open, m);
        ADD(moment, m);
        if
        :: m > highest -> highest = m
        :: else
        fi;
        if
        :: !LEFT(m) -> ADD(marked, m)
        :: else
        fi;
        i = 1;
        do
        :: i <= MESSAGES ->
            if
            :: LEFT(i) -> DROP(marked, i)
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0;
#ifdef SETTLE_EARLY
        highest_c = highest;
        marked_c = marked;
        open_c = open
#endif
    }
}

inline deliver(m) {
    d_step {
        if
        :: IN(delivered[r], m) && AGAIN(r, m) > 0 -> AGAIN(r, m) = AGAIN(r, m) - 1
        :: IN(delivered[r], m) && AGAIN(r, m) == 0 -> printf("message %d twice\n", m); assert(false)
        :: else
        fi;
        printf("    %d is delivered to subscriber %d\n", m, r);
        ADD(delivered[r], m);
        ADD(ever[r], m)
    }
}

/* The sender's connection is gone; what was on its way may still come. */
inline lose_connection() {
    i = 1;
    do
    :: i <= MESSAGES ->
        if
        :: answer[i] != 0 -> take_answer(i)
        :: true
        fi;
        answer[i] = 0;
        i++
    :: else -> break
    od;
    i = 0;
    up[0] = 0
}

inline take_answer(m) {
    d_step {
        printf("sender gets the answer to %d, final %d\n", m, answer[m] == FINAL);
        ADD(arrived, m);
        if
        :: answer[m] == FINAL -> stage[m] = DONE
        :: answer[m] == PUBREC && stage[m] == PUBLISHED -> stage[m] = RECEIVED
        :: else
        fi;
        answer[m] = 0
    }
}

inline drop_session(s) {
    d_step {
        known[s] = 0;
        keeps[s] = 0;
        i = 1;
        do
        :: i <= IDS -> HELD(s, i) = 0; i++
        :: else -> break
        od;
        i = 0
    }
}

/* A session that goes on: the broker asks WRITE for each message it holds (connection_check_acl). */
inline ask_write_of_held(s) {
    d_step {
        i = 1;
        do
        :: i <= IDS ->
            if
            :: HELD(s, i) != 0 && FRESH(HELD(s, i)) -> let_in_pending(HELD(s, i))
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0
    }
}

inline begin_session(s) {
    up[s] = 1;
    begun[s] = 0;
    slot_from[s] = 0;
    slot_until[s] = 0
}

inline forget_slot(s) {
    begun[s] = 0;
    slot_from[s] = 0;
    slot_until[s] = 0
}

inline save_sessions() {
    d_step {
        r = 0;
        do
        :: r < SESSIONS ->
            is_saved[r] = known[r] && keeps[r];
            i = 1;
            do
            :: i <= IDS -> SAVED(r, i) = (is_saved[r] -> HELD(r, i) : 0); i++
            :: else -> break
            od;
            r++
        :: else -> break
        od;
        i = 0;
        r = 0
    }
}

/* The broker and the plugin come back with what their files hold. */
inline restart() {
    lose_connection();
    d_step {
        i = 1;
        do
        :: i <= MESSAGES ->
            if
            :: is_saved[0] && HELD(0, i) == i && SAVED(0, i) != i -> ADD(forgot, i)
            :: else
            fi;
            i++
        :: else -> break
        od;
        r = 0;
        do
        :: r < SESSIONS ->
            up[r] = 0;
            will[r] = 0;
            forget_slot(r);
            known[r] = is_saved[r];
            keeps[r] = is_saved[r];
            i = 1;
            do
            :: i <= IDS -> HELD(r, i) = SAVED(r, i); i++
            :: else -> break
            od;
            r++
        :: else -> break
        od;
        highest = highest_c;
        marked = marked_c;
        open = open_c;
        moment = 0;
        r = 1;
        do
        :: r <= SUBSCRIBERS -> handed[r] = journal[r]; r++
        :: else -> break
        od;
        i = 0;
        r = 0
    }
}

inline pick(x, most) {
    x = 1;
    do
    :: x < most -> x++
    :: break
    od
}

inline resend() {
    d_step {
        i = 1;
        do
        :: i <= MESSAGES ->
            if
            :: known[0] && stage[i] == PUBLISHED -> stage[i] = SEALED
            :: known[0] && stage[i] == RELEASED -> stage[i] = RECEIVED
            :: !known[0] && stage[i] >= PUBLISHED && stage[i] < DONE -> stage[i] = SEALED
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0
    }
}

inline hand_over(m) {
    d_step {
        if
        :: IN(handed[r], m) && AGAIN(r, m) > 0 -> AGAIN(r, m) = AGAIN(r, m) - 1
        :: IN(handed[r], m) && AGAIN(r, m) == 0 -> printf("message %d handed over twice\n", m); assert(false)
        :: else
        fi;
        printf("    %d is handed to the broker for subscriber %d\n", m, r);
        ADD(handed[r], m);
#ifndef NO_JOURNAL
        ADD(journal[r], m)
#endif
    }
}

inline find_will() {
    d_step {
        i = 0;
        do
        :: i < SESSIONS && will[i] == 0 -> i++
        :: else -> break
        od
    }
}

inline find_not_done() {
    d_step {
        i = 1;
        do
        :: i <= MESSAGES && stage[i] == DONE -> i++
        :: else -> break
        od
    }
}

inline clear_packet() {
    d_step {
        by = 0;
        message = 0;
        qos = 0;
        id = 0;
        i = 0;
        r = 0
    }
}

active proctype world() {
    atomic {
        if :: lasting = 1 :: lasting = 0 fi;
#if SAVES > 0 || ENDS > 0
        if :: persistent = 1 :: persistent = 0 fi;
#endif
        i = 1;
        do
        :: i <= MESSAGES -> if :: qos2[i] = 1 :: qos2[i] = 0 fi; i++
        :: else -> break
        od;
        i = 0;
#ifdef SENDER_WILL
        /* Message 1 is the sender's will, sealed before it connects and named at every CONNECT. */
        qos2[1] = 0;
        stage[1] = DONE;
        sealed = 1;
        arrived = 1
#endif
    }

next:
    atomic {
    if
    /* -- Sender -- */
    :: !up[0] ->
        event();
        printf("sender connects, session present %d\n", known[0]);
        if
        :: known[0] -> ask_write_of_held(0)
        :: else -> drop_session(0)
        fi;
        resend();
        known[0] = 1;
        keeps[0] = lasting;
        begin_session(0);
#ifdef SENDER_WILL
        will[0] = 1;
#endif
        goto over

    /* It seals in order, and no message further ahead of one that got no answer than the window reaches. */
    :: pick(i, MESSAGES);
        if
        :: stage[i] == UNSEALED && (i == 1 || IN(sealed, i - 1)) && MAY_SEAL(i) ->
            stage[i] = SEALED;
            printf("sender seals %d\n", i);
            ADD(sealed, i)
        :: else
        fi;
        goto over

    /* It publishes in order, as MQTT wants it of what is sent again, too. */
    :: up[0] ->
        pick(i, MESSAGES);
        if
        :: stage[i] == SEALED && (i == 1 || stage[i - 1] >= PUBLISHED) ->
            stage[i] = PUBLISHED;
            by = 0;
            message = i;
            id = i;
            qos = 1 + qos2[i];
            i = 0;
            printf("sender publishes %d, QoS %d\n", message, qos);
            goto publish
        :: stage[i] == RECEIVED ->
            stage[i] = RELEASED;
            by = 0;
            id = i;
            qos = 2;
            i = 0;
            printf("sender releases %d\n", id);
            goto pubrel
        :: else
        fi;
        goto over

    :: up[0] ->
        pick(i, MESSAGES);
        if
        :: answer[i] != 0 -> take_answer(i)
        :: else
        fi;
        goto over

    :: up[0] && cuts > 0 ->
        cuts--;
        printf("sender's connection is cut\n");
        lose_connection();
        by = 0;
        goto gone

#if ATTACKERS > 0
    /* -- Attacker: the certificate of the sender's principal, and not its key -- */
    :: attacks > 0 ->
        attacks--;
        pick(by, ATTACKERS);
        if
        :: !up[by] ->
            event();
            if
            :: known[by] -> ask_write_of_held(by)
            :: drop_session(by);
                known[by] = 1;
                if :: keeps[by] = 1 :: keeps[by] = 0 fi
            fi;
            begin_session(by);
            do
            :: message < MESSAGES && IN(sealed, message + 1) -> message++
            :: break
            od;
            will[by] = message;
            printf("attacker %d connects, lasting %d, will %d\n", by, keeps[by], message);
            goto over
#ifndef WILLS_ONLY
        :: up[by] ->
            pick(message, MESSAGES);
            pick(id, IDS);
            if :: qos = 0 :: qos = 1 :: qos = 2 fi;
            if
            :: IN(sealed, message) ->
                printf("attacker %d publishes %d, QoS %d, packet id %d\n", by, message, qos, id);
                goto publish
            :: else -> goto over
            fi
        :: up[by] ->
            pick(id, IDS);
            qos = 2;
            if
            :: HELD(by, id) != 0 ->
                printf("attacker %d releases packet id %d\n", by, id);
                goto pubrel
            :: else -> goto over
            fi
#endif
        :: up[by] ->
            up[by] = 0;
            printf("attacker %d cuts its connection, will %d\n", by, will[by]);
            goto gone
        fi
#endif

    /* -- Broker -- */
#if BROKER == 20
    :: goto round
    :: goto tick
#endif
    :: event(); goto over
    :: saves > 0 && persistent -> saves--; printf("broker saves its sessions\n"); save_sessions(); goto over
    :: ends > 0 ->
        find_will();
        if
        :: i == SESSIONS -> ends--; goto ending
        :: else -> goto over /* the connections end first, each with its will */
        fi
    :: crashes > 0 -> crashes--; goto crashed

    /* -- The sender has been told of each message that it arrived -- */
    :: true ->
        find_not_done();
        if
        :: i > MESSAGES -> goto finished
        :: else -> goto over
        fi
    fi;

publish: /* message, qos, id of session by */
    event();
    if
    :: by == 0 -> DROP(forgot, message)
    :: else
    fi;
    if
    :: FRESH(message) && qos == 2 ->
#ifdef OLD
        mark(message);
        settle();
#endif
        let_in_pending(message);
        CRASH;
        HELD(by, id) = message; /* what lay there is thrown away: "Reused message ID" */
        if
        :: by == 0 -> answer[id] = PUBREC
        :: else
        fi;
        goto over
    :: FRESH(message) && qos < 2 ->
        mark(message);
#ifdef OLD
        settle();
#endif
        goto fan_out
    :: !FRESH(message) ->
        printf("    plugin takes %d for a copy\n", message);
        if
#ifndef OLD
        :: qos == 2 -> HELD(by, id) = message /* MQTT 5: the broker takes it, and it is held back later */
#endif
        :: true
        fi;
        if
        :: qos == 2 && by == 0 -> answer[id] = PUBREC; goto over
        :: qos == 2 && by > 0 -> goto over
        :: qos < 2 -> goto answered
        fi
    fi;

pubrel: /* id of session by */
    event();
    message = HELD(by, id);
    printf("    broker holds %d there\n", message);
    if
    :: message == 0 -> goto answered
    :: message != 0 && FRESH(message) -> mark(message); goto fan_out
    :: message != 0 && !FRESH(message) ->
#ifdef NO_IDENTITY
        goto fan_out
#else
        printf("    plugin does not let %d be delivered\n", message);
        goto answered
#endif
    fi;

gone: /* session by has lost its connection */
    event();
    message = will[by];
    will[by] = 0;
    qos = 0;
    if
    :: !keeps[by] -> drop_session(by)
    :: else
    fi;
    if
    :: message == 0 -> forget_slot(by); goto over
    :: message != 0 && FRESH(message) -> forget_slot(by); mark(message); goto fan_out
    :: message != 0 && LEFT(message) && !IN(open, message) && ADMITS(by, message) ->
        forget_slot(by);
#ifdef WILL_EACH
        ADD(moment, message);
#else
        mark(message);
#endif
        goto fan_out
    :: else -> forget_slot(by); goto over
    fi;

fan_out: /* message; the broker asks READ for each subscriber */
    r = 1;
    do
    :: r <= SUBSCRIBERS ->
        CRASH;
#if BROKER == 20
        hand_over(message);
#else
        deliver(message);
#endif
        r++
    :: else -> break
    od;
    CRASH;

answered:
    if
    :: qos == 2 -> HELD(by, id) = 0 /* only now: the broker frees it when all have it */
    :: else
    fi;
    if
    :: by == 0 && qos > 0 -> answer[id] = FINAL
    :: else
    fi;
    goto over;

round: /* 2.0 queues what it was handed, after the tick of the loop round before */
    event();
    r = 1;
    do
    :: r <= SUBSCRIBERS ->
        i = 1;
        do
        :: i <= MESSAGES ->
            if
            :: IN(handed[r], i) -> deliver(i); DROP(handed[r], i); CRASH
            :: else
            fi;
            i++
        :: else -> break
        od;
        r++
    :: else -> break
    od;
    goto over;

tick:
    event();
    r = 1;
    do
    :: r <= SUBSCRIBERS -> journal[r] = journal[r] & handed[r]; r++
    :: else -> break
    od;
    settle();
    goto over;

ending: /* SIGTERM */
    printf("broker ends in order and starts again\n");
    event();
    settle();
    r = 1;
    do
    :: r <= SUBSCRIBERS -> journal[r] = journal[r] & handed[r]; r++
    :: else -> break
    od;
    if
    :: persistent -> save_sessions()
    :: else
    fi;
    restart();
    goto over;

crashed: /* kill -9 */
    printf("broker is killed and starts again\n");
    r = 1;
    do
    :: r <= SUBSCRIBERS ->
        i = 1;
        do
        :: i <= MESSAGES ->
            if
            :: IN(moment, i) && (IN(delivered[r], i) || IN(journal[r], i)) -> AGAIN(r, i) = AGAIN(r, i) + 1
            :: !IN(moment, i) && IN(delivered[r], i) && IN(journal[r], i) && !IN(handed[r], i) ->
                AGAIN(r, i) = AGAIN(r, i) + 1 /* queued, and the journal does not know it yet */
            :: else
            fi;
            i++
        :: else -> break
        od;
        r++
    :: else -> break
    od;
    restart();

over:
    clear_packet()
    }
    goto next;

finished:
    r = 1;
    do
    :: r <= SUBSCRIBERS ->
#ifdef SENDER_WILL
        ADD(forgot, 1);
#endif
        if
        :: (ever[r] | handed[r] | forgot) != ALL -> printf("acknowledged, and never delivered\n"); assert(false)
        :: else
        fi;
        r++
    :: else -> break
    od
}
