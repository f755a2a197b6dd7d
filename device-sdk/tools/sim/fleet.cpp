// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/fleet.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tools/file_limit.h"

namespace reseal::tools::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds farewell_limit(2);
// A socket, libmosquitto's pair of sockets, the epoch's folder and lock, the window's folder and lock.
constexpr std::size_t files_of_a_device = 7;
constexpr double rate_min = 0.01;
constexpr double rate_max = 10'000;
constexpr double heart_rate_step = 5;
constexpr double heart_rate_min = 30;
constexpr double heart_rate_max = 200;

// Entries in the kernel's list that do not belong to a device.
constexpr std::size_t stop_place = static_cast<std::size_t>(-1);
constexpr std::size_t menu_place = static_cast<std::size_t>(-2);

Control control_for(const SimOptions& options, std::size_t devices) {
    Control control;
    control.rate = options.rate;
    control.heart_rate = options.patient.heart_rate.mean;
    control.active = devices;
    return control;
}

bool error_is_terminal() {
    return isatty(STDERR_FILENO) == 1;
}

std::string number_text(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

Fleet::Fleet(const SimOptions& options, std::size_t devices, std::unique_ptr<StopSignal> stop)
    : options_(options),
      stop_(std::move(stop)),
      console_(error_is_terminal()),
      control_(control_for(options, devices)),
      pace_(options.connect_rate),
      shows_progress_(options.progress || error_is_terminal()),
      poll_(epoll_create1(EPOLL_CLOEXEC)),
      watches_(devices),
      wake_at_(devices, Clock::time_point::max()) {
    report_.devices = devices;
}

Checked<std::unique_ptr<Fleet>> Fleet::make(const SimOptions& options, const std::vector<DeviceFiles>& files) {
    auto stop = StopSignal::install();
    if (!stop) {
        return stop.error();
    }
    std::unique_ptr<Fleet> out(new Fleet(options, files.size(), std::move(*stop)));
    if (const auto made = out->make_devices(files); !made) {
        return made.error();
    }
    if (const auto watched = out->watch_people(); !watched) {
        return watched.error();
    }
    return out;
}

Checked<Done> Fleet::make_devices(const std::vector<DeviceFiles>& files) {
    const std::string who = std::to_string(files.size()) + " devices";
    if (auto raised = raise_file_limit(files.size() * files_of_a_device, who, "use --devices"); !raised) {
        return raised;
    }
    const Surroundings surroundings{options_, control_, *stop_, pace_, console_, report_};
    for (const DeviceFiles& one : files) {
        auto device = Device::make(surroundings, one, devices_.size());
        if (!device) {
            return device.error();
        }
        devices_.push_back(std::move(*device));
    }
    return Done{};
}

// Signals and keys.
Checked<Done> Fleet::watch_people() {
    if (!watch_other(stop_->descriptor(), stop_place)) {
        return system_fault("cannot use epoll");
    }
    if (!options_.menu && !Menu::terminal_is_ours()) {
        return Done{};
    }
    auto menu = Menu::open();
    if (!menu) {
        return menu.error();
    }
    menu_ = std::move(*menu);
    if (!watch_other(menu_->descriptor(), menu_place)) {
        return Fault{"--menu", "stdin is neither a terminal nor a pipe"};
    }
    console_.print(menu_text());
    return Done{};
}

Checked<bool> Fleet::run() {
    work_all(Clock::now());
    while (!fault_ && !finished()) {
        wait(Clock::now());
        if (stop_->requested() && !control_.ending) {
            end();
        }
        work_due();
        if (Clock::now() >= tick_at_) {
            tick();
        }
    }
    if (fault_) {
        return *fault_;
    }
    farewell();
    return summarise();
}

bool Fleet::watch_other(int descriptor, std::size_t place) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = place;
    return epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// The kernel forgets a socket when libmosquitto closes it; the next one may have the same number.
void Fleet::watch(std::size_t number) {
    const Device& device = *devices_[number];
    Watch& known = watches_[number];
    const Watch wanted{device.socket(), device.attempts(), device.wants_write()};
    const bool same_socket = wanted.socket == known.socket && wanted.attempt == known.attempt;
    if (wanted.socket >= 0 && (!same_socket || wanted.write != known.write)) {
        epoll_event event{};
        event.events = wanted.write ? EPOLLIN | EPOLLOUT : EPOLLIN;
        event.data.u64 = number;
        const int operation = same_socket ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (epoll_ctl(poll_.get(), operation, wanted.socket, &event) != 0) {
            fault_ = system_fault("epoll");
        }
    }
    known = wanted;
}

void Fleet::work(std::size_t number, Clock::time_point now) {
    const auto next = devices_[number]->work(now);
    watch(number);
    if (next != wake_at_[number]) {
        wake_at_[number] = next;
        if (next != Clock::time_point::max()) {
            wakings_.emplace(next, number);
        }
    }
}

void Fleet::work_all(Clock::time_point now) {
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        work(i, now);
    }
}

void Fleet::wait(Clock::time_point now) {
    auto until = tick_at_;
    if (!wakings_.empty()) {
        until = std::min(until, wakings_.top().first);
    }
    const auto left = std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(poll_.get(), events.data(), events.size(), static_cast<int>(left.count()));
    for (int i = 0; i < count; ++i) {
        handle(events.at(static_cast<std::size_t>(i)).data.u64);
    }
}

void Fleet::handle(std::size_t place) {
    if (place == stop_place) {
        return;  // run asks
    }
    if (place != menu_place) {
        devices_[place]->serve();
        work(place, Clock::now());
        return;
    }
    const auto command = menu_->read();
    if (menu_->descriptor() < 0) {
        epoll_ctl(poll_.get(), EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
    }
    if (command) {
        obey(*command);
    }
}

void Fleet::work_due() {
    const auto now = Clock::now();
    while (!wakings_.empty() && wakings_.top().first <= now) {
        const auto [time, number] = wakings_.top();
        wakings_.pop();
        if (time == wake_at_[number]) {
            wake_at_[number] = Clock::time_point::max();
            work(number, now);
        }
    }
}

void Fleet::tick() {
    count();
    console_.tick();
    if (shows_progress_) {
        console_.progress(progress_line(report_, a_second_ago_));
    }
    a_second_ago_ = report_.counts;
    tick_at_ = Clock::now() + seconds(1);
}

// Figures that are not counted as they happen.
void Fleet::count() {
    report_.time = Clock::now() - start_;
    report_.connected = 0;
    report_.counts.left = 0;
    for (const auto& device : devices_) {
        report_.connected += device->online() ? 1 : 0;
        report_.counts.left += device->left();
    }
}

void Fleet::end() {
    control_.ending = true;
    for (const auto& device : devices_) {
        device->control_changed(Clock::now());
    }
    work_all(Clock::now());
}

void Fleet::change_active(bool more) {
    const std::size_t step = std::max<std::size_t>(devices_.size() / 10, 1);
    control_.active =
        more ? std::min(control_.active + step, devices_.size()) : std::max(control_.active, step + 1) - step;
}

void Fleet::obey(Command command) {
    switch (command) {
        case Command::faster:
        case Command::slower:
            control_.rate = std::clamp(control_.rate * (command == Command::faster ? 2 : 0.5), rate_min, rate_max);
            console_.print("rate: " + number_text(control_.rate) + " readings a second from each device");
            break;
        case Command::more_devices:
        case Command::fewer_devices:
            change_active(command == Command::more_devices);
            console_.print("devices: " + std::to_string(control_.active) + " of " + std::to_string(devices_.size()));
            break;
        case Command::heart_up:
        case Command::heart_down:
            control_.heart_rate =
                std::clamp(control_.heart_rate + (command == Command::heart_up ? heart_rate_step : -heart_rate_step),
                           heart_rate_min, heart_rate_max);
            console_.print("heart rate: " + number_text(control_.heart_rate) + " beats a minute");
            break;
        case Command::pause:
            control_.paused = !control_.paused;
            console_.print(control_.paused ? "paused; p resumes" : "resumed");
            break;
        case Command::outage:
            control_.outage = !control_.outage;
            console_.print(control_.outage ? "outage; o ends it" : "the outage is over");
            break;
        case Command::report:
            count();
            console_.print(report_text(report_));
            return;
        case Command::help:
            console_.print(menu_text());
            return;
        case Command::quit:
            control_.ending = true;
            break;
    }
    for (const auto& device : devices_) {
        device->control_changed(Clock::now());
    }
    work_all(Clock::now());
}

bool Fleet::finished() {
    const auto now = Clock::now();
    return std::all_of(devices_.begin(), devices_.end(), [now](const auto& device) { return device->finished(now); });
}

// Keeps the broker from taking a device for lost.
void Fleet::farewell() {
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        devices_[i]->say_goodbye();
        watch(i);
    }
    const auto limit = Clock::now() + farewell_limit;
    const auto gone = [](const auto& device) { return device->socket() < 0; };
    while (!std::all_of(devices_.begin(), devices_.end(), gone) && Clock::now() < limit) {
        std::array<epoll_event, 256> events{};
        const int count = epoll_wait(poll_.get(), events.data(), events.size(), 100);
        for (int i = 0; i < count; ++i) {
            if (const std::size_t place = events.at(static_cast<std::size_t>(i)).data.u64; place < devices_.size()) {
                devices_[place]->serve();
                watch(place);
            }
        }
    }
}

Checked<bool> Fleet::summarise() {
    count();
    console_.print(report_text(report_));
    if (const auto written = options_.report.empty() ? Done{} : write_report(); !written) {
        return written.error();
    }
    if (report_.given_up == devices_.size()) {
        return Fault{.problem = devices_.front()->problem()};
    }
    return report_.given_up == 0 && report_.counts.connects > 0 && report_.counts.all_well();
}

Checked<Done> Fleet::write_report() const {
    const std::string json = report_json(report_);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(json.data());  // NOLINT(*-reinterpret-cast)
    return write_whole_file(options_.report, {bytes, json.size()});
}

}  // namespace reseal::tools::sim
