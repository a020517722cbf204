/* caf_actors.cpp - the programs of bench/actors.c in CAF, the C++ Actor Framework.
 *
 * Why:     a runtime of our own has to be worth it: this is what an established one does with the same work.
 * How:     the same actors, messages and sizes. Of what was tried, the fastest: actors are classes with their state in members,
 *          dynamically typed (typed ones are matched the same way in this version); a message goes without its sender's handle,
 *          which would be a counted reference; an answer goes to a place in the list of players. jemalloc, as we have it.
 *          A producer sends slices of 100 and then a message to itself. Which scheduler is better depends on the program.
 * Usage:   caf_actors PROGRAM WORKERS [stealing|sharing]; prints the million messages a second of one run.
 * Threads: the main thread waits; the workers are CAF's. */
#include <atomic>
#include <caf/all.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <vector>

using namespace caf;

using go_atom = atom_constant<atom("go")>;
using ping_atom = atom_constant<atom("ping")>;
using pong_atom = atom_constant<atom("pong")>;

static constexpr uint64_t SLICE = 100;

struct world {
    std::vector<actor> players;
    std::atomic<uint64_t> left{0}; // parts of the program that still run
    std::promise<void> done;

    void part_done()
    {
        if (left.fetch_sub(1, std::memory_order_acq_rel) == 1)
            done.set_value();
    }
};

class player : public event_based_actor {
public:
    player(actor_config &cfg, world *w, uint32_t number, uint64_t todo)
        : event_based_actor(cfg), w_(w), number_(number), left_(todo), random_(number * UINT64_C(0x9e3779b97f4a7c15) + 1)
    {
    }

protected:
    world *w_;
    uint32_t number_;
    uint64_t left_; // messages to send, or to get
    uint64_t random_;
};

// Two actors, one message between them.
class ping_pong : public player {
public:
    using player::player;
    behavior make_behavior() override
    {
        return {
            [=](ping_atom) { anon_send(w_->players[1 - number_], pong_atom::value); },
            [=](pong_atom) {
                if (left_-- == 0) {
                    w_->part_done();
                    return;
                }
                anon_send(w_->players[1 - number_], ping_atom::value);
            },
        };
    }
};

// A producer and its receivers: counting with one, fork-join with many.
class receiver : public player {
public:
    using player::player;
    behavior make_behavior() override
    {
        return {[=](ping_atom) {
            if (--left_ == 0)
                w_->part_done();
        }};
    }
};

class producer : public player {
public:
    using player::player;
    behavior make_behavior() override
    {
        return {[=](go_atom) {
            const uint64_t slice = std::min(left_, SLICE);
            for (uint64_t i = 0; i < slice; i++) {
                if (++at_ >= w_->players.size())
                    at_ = 1;
                anon_send(w_->players[at_], ping_atom::value);
            }
            left_ -= slice;
            if (left_ > 0)
                anon_send(w_->players[0], go_atom::value);
        }};
    }

private:
    size_t at_ = 0;
};

// One message goes round.
class ring : public player {
public:
    using player::player;
    behavior make_behavior() override
    {
        return {[=](uint64_t left) {
            if (left == 0) {
                w_->part_done();
                return;
            }
            anon_send(w_->players[number_ + 1 == w_->players.size() ? 0 : number_ + 1], left - 1);
        }};
    }
};

// Each pings a random other one and waits for the answer.
class big : public player {
public:
    using player::player;
    behavior make_behavior() override
    {
        return {
            [=](ping_atom, uint32_t from) { anon_send(w_->players[from], pong_atom::value); },
            [=](pong_atom) {
                if (left_-- == 0) {
                    w_->part_done();
                    return;
                }
                random_ = random_ * UINT64_C(6364136223846793005) + 1442695040888963407u;
                anon_send(w_->players[(random_ >> 33) % w_->players.size()], ping_atom::value, number_);
            },
        };
    }
};

template <class P> static void spawn(actor_system &system, world &w, size_t n, uint64_t todo)
{
    for (size_t i = 0; i < n; i++)
        w.players.push_back(system.spawn<P>(&w, static_cast<uint32_t>(w.players.size()), todo));
}

struct program {
    const char *name;
    double messages;
    void (*make)(actor_system &system, world &w);
    void (*start)(world &w);
};

static void fork_join(actor_system &system, world &w, size_t receivers, uint64_t each)
{
    spawn<producer>(system, w, 1, receivers * each);
    spawn<receiver>(system, w, receivers, each);
    w.left = receivers;
}

static const program programs[] = {
    {"ping_pong", 2e6,
     [](actor_system &system, world &w) {
         spawn<ping_pong>(system, w, 2, 1000000);
         w.left = 1;
     },
     [](world &w) { anon_send(w.players[0], pong_atom::value); }},
    {"counting", 5e6, [](actor_system &system, world &w) { fork_join(system, w, 1, 5000000); },
     [](world &w) { anon_send(w.players[0], go_atom::value); }},
    {"fork_join", 2e6, [](actor_system &system, world &w) { fork_join(system, w, 1000, 2000); },
     [](world &w) { anon_send(w.players[0], go_atom::value); }},
    {"ring", 2e6,
     [](actor_system &system, world &w) {
         spawn<ring>(system, w, 100, 0);
         w.left = 1;
     },
     [](world &w) { anon_send(w.players[0], UINT64_C(2000000)); }},
    {"big", 4e6,
     [](actor_system &system, world &w) {
         spawn<big>(system, w, 200, 10000);
         w.left = 200;
     },
     [](world &w) {
         for (const actor &p : w.players)
             anon_send(p, pong_atom::value);
     }},
};

int main(int argc, char **argv)
{
    for (const program &program : programs) {
        if (argc < 3 || strcmp(program.name, argv[1]) != 0)
            continue;
        actor_system_config config;
        config.set("scheduler.max-threads", static_cast<size_t>(strtoul(argv[2], nullptr, 10)));
        if (argc > 3)
            config.set("scheduler.policy", atom_from_string(argv[3]));
        world w;
        actor_system system{config};
        program.make(system, w);
        const auto begin = std::chrono::steady_clock::now();
        program.start(w);
        w.done.get_future().wait();
        const auto end = std::chrono::steady_clock::now();
        for (const actor &p : w.players)
            anon_send_exit(p, exit_reason::user_shutdown);
        printf("%.3f\n", program.messages / std::chrono::duration<double>(end - begin).count() / 1e6);
        return 0;
    }
    fprintf(stderr, "usage: caf_actors PROGRAM WORKERS [stealing|sharing]\n");
    return 2;
}
