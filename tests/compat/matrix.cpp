// SPDX-License-Identifier: Apache-2.0
#include "compat/matrix.h"

#include <algorithm>
#include <exception>
#include <thread>

namespace compat {

namespace {

using Transcript = std::vector<std::string>;
using Transcripts = std::vector<std::vector<Transcript>>;  // by feature and cell

struct Place {
    int version;
    int out_qos;
    int in_qos;
};

std::vector<Place> places(const Feature& feature) {
    std::vector<Place> out;
    for (const int version : {mqtt::v311, mqtt::v5}) {
        for (int qos = 0; qos < 9 && (version == mqtt::v5 || !feature.only_v5); ++qos) {
            out.push_back({version, qos / 3, qos % 3});
        }
    }
    return out;
}

std::string place_in_words(const Place& place) {
    return std::string(place.version == mqtt::v5 ? "MQTT 5" : "MQTT 3.1.1") + ", QoS " + std::to_string(place.out_qos) +
           " to " + std::to_string(place.in_qos);
}

std::string key(std::size_t feature, const Place& place) {
    return "f" + std::to_string(feature) + "v" + std::to_string(place.version) + std::to_string(place.out_qos) +
           std::to_string(place.in_qos);
}

// Features with the same waits and restarts share them.
using Schedule = std::vector<Before>;

Schedule schedule(const Feature& feature) {
    Schedule out;
    for (const Step& step : feature.steps) {
        out.push_back(step.before);
    }
    return out;
}

constexpr const char* ended = "ended: ";

bool to_the_end(const Transcript& lines) {
    return std::ranges::none_of(lines, [](const std::string& line) { return line.starts_with(ended); });
}

void act(const Step& step, Cell& cell) {
    try {
        step.act(cell);
    } catch (const std::exception& error) {
        cell.note(ended + std::string(error.what()));
    }
}

class Run {
  public:
    Run(World& world, const std::vector<Feature>& features) : world_(&world), features_(&features) {
        for (std::size_t i = 0; i < features.size(); ++i) {
            by_schedule_[schedule(features[i])].push_back(i);
        }
    }

    Transcripts all() {
        Transcripts out(features_->size());
        for (const auto& [schedule, members] : by_schedule_) {
            together(schedule, members, out);
        }
        return out;
    }

  private:
    void together(const Schedule& schedule, const std::vector<std::size_t>& members, Transcripts& out) {
        std::map<std::size_t, std::vector<std::unique_ptr<Cell>>> cells;
        for (const std::size_t feature : members) {
            for (const Place& place : places(features_->at(feature))) {
                cells[feature].push_back(
                    std::make_unique<Cell>(*world_, key(feature, place), place.version, place.out_qos, place.in_qos));
            }
        }
        for (std::size_t step = 0; step < schedule.size(); ++step) {
            pass(schedule[step]);
            for (const auto& [feature, of_feature] : cells) {
                for (const auto& cell : of_feature) {
                    act(features_->at(feature).steps[step], *cell);
                }
            }
        }
        for (const auto& [feature, of_feature] : cells) {
            for (const auto& cell : of_feature) {
                out[feature].push_back(cell->lines());
            }
        }
    }

    void pass(Before before) {
        if (before == Before::restart) {
            world_->restart();
        } else if (before == Before::rotation) {
            world_->rotate_device_key();
        } else if (before == Before::seconds_6) {
            std::this_thread::sleep_for(std::chrono::seconds(6));
        }
    }

    World* world_;
    const std::vector<Feature>* features_;
    std::map<Schedule, std::vector<std::size_t>> by_schedule_;
};

Transcripts run(Plugin plugin, const std::vector<Feature>& features) {
    World world(plugin);
    return Run(world, features).all();
}

CellResult compared(const Feature& feature, const Place& place, Transcript without, Transcript with) {
    CellResult out{
        .cell = place_in_words(place), .without = std::move(without), .with = std::move(with), .differences = {}};
    out.differences = compare(out.without, out.with);
    out.to_the_end = to_the_end(out.without) && to_the_end(out.with);
    if (!out.differences && feature.on_2_0) {
        out.differences = std::set{*feature.on_2_0};
    }
    return out;
}

}  // namespace

std::vector<Row> run_matrix(const std::vector<Feature>& features) {
    Transcripts without;
    Transcripts with;
    std::exception_ptr failure;
    std::thread other([&] {
        try {
            without = run(Plugin::without, features);
        } catch (...) {
            failure = std::current_exception();
        }
    });
    try {
        with = run(Plugin::with, features);
    } catch (...) {
        other.join();
        throw;
    }
    other.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::vector<Row> out;
    for (std::size_t i = 0; i < features.size(); ++i) {
        Row row{.group = features[i].group, .name = features[i].name, .cells = {}};
        const std::vector<Place> all = places(features[i]);
        for (std::size_t cell = 0; cell < all.size(); ++cell) {
            row.cells.push_back(compared(features[i], all[cell], without[i][cell], with[i][cell]));
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace compat
