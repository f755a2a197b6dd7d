// SPDX-License-Identifier: Apache-2.0
// reseal-provision, the program that scripts/provision runs.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <system_error>

#include "admin/commands.h"
#include "admin/misuse.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/core_dump.h"

namespace {

using reseal::Checked;
using reseal::Done;
using reseal::admin::Terminal;

constexpr int failed = 1;
constexpr int misused = 2;

// The project's examples of reseal.yaml and acl.yaml: beside this program, where it was built as where it is installed.
std::string example_folder() {
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return (program.parent_path() / RESEAL_EXAMPLES).lexically_normal().string();
}

int report(const reseal::Fault& fault, int exit_code) {
    std::cerr << "reseal-provision: " << fault.text() << "\n";
    const std::string rights = reseal::admin::whose_rights();
    if (!rights.empty() && fault.problem.ends_with(std::generic_category().message(EACCES))) {
        std::cerr << "reseal-provision: started by root, but works " << rights << "\n";
    }
    return exit_code;
}

int exit_code_of(const Checked<Done>& result) {
    return result ? 0 : report(result.error(), failed);
}

// The command line. Parsing it stores the work of its command in `command_`.
class CommandLine {
  public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.add_option("--dir", folder_, "the site's folder")->envname("RESEAL_DIR")->capture_default_str();
        app_.add_option("--by", life_.who, "who does this, for the history (default: the user who runs this program)");
        define_init();
        define_migrate();
        define_add();
        define_renew();
        define_import();
        define_reports();
        define_rotate();
        define_end();
        define_transfer();
        define_roles();
        define_backup();
        define_state();
        define_export();
        define_explain();
        define_who();
        define_check();
        define_audit();
    }

    int run(int count, char** arguments) {
        try {
            app_.parse(count, arguments);
        } catch (const CLI::ParseError& error) {
            if (error.get_exit_code() == 0) {
                return app_.exit(error);  // --help
            }
            std::cerr << "reseal-provision: " << reseal::admin::explain_misuse(app_, error) << "\n\n" << usage();
            return misused;
        }
        const auto by = reseal::admin::check_one_line("--by", life_.who);
        return by ? command_() : report(by.error(), failed);
    }

  private:
    std::string usage() const {
        const auto chosen = app_.get_subcommands();
        return chosen.empty() ? app_.help() : chosen.front()->help();
    }

    void on(CLI::App* command, std::function<int()> work) {
        command->callback([this, work = std::move(work)] { command_ = work; });
    }

    void define_init() {
        CLI::App* command = app_.add_subcommand("init", "make a site: certificates, master key, registry, examples");
        init_.config_from = example_folder();
        command->add_option("DIR", init_.folder, "a new or an empty folder")->required();
        command->add_option("--user", init_.user, "the user who runs the broker");
        command->add_option("--host", init_.hosts, "another name or IP address of the broker; may be repeated")
            ->allow_extra_args(false);
        command->add_option("--realm", init_.realm,
                            "the broker's realm, to which sealed messages are bound (see reseal.yaml; default: main)");
        command->add_option("--config-from", init_.config_from, "folder of the reseal.yaml and acl.yaml to copy")
            ->capture_default_str();
        on(command, [this] { return exit_code_of(init(init_, terminal_)); });
    }

    void define_migrate() {
        CLI::App* command = app_.add_subcommand(
            "migrate", "give a site of protocol version 1 a realm; its devices need new credentials");
        command->add_option("--realm", migrate_.realm, "the broker's realm, to which sealed messages are bound")
            ->capture_default_str();
        on(command, [this] {
            migrate_.folder = folder_;
            return exit_code_of(migrate(migrate_, terminal_));
        });
    }

    static void define_origin(CLI::App* command, reseal::admin::CertificateOrigin& origin) {
        CLI::Option* days = command->add_option("--days", origin.days, "how long the certificate is valid");
        CLI::Option* csr = command->add_option(
            "--csr", origin.csr, "the device's own signing request: the private key never leaves the device");
        command
            ->add_option("--certificate", origin.existing,
                         "a certificate (PEM) that another authority has issued; its private key stays where it is")
            ->excludes(csr)
            ->excludes(days);
        days->capture_default_str();
    }

    void define_add() {
        CLI::App* command = app_.add_subcommand("add", "add a principal: certificate, key, roles");
        command->add_option("ID", add_.id, "the principal's name")->required();
        command->add_option("--role", add_.roles, "a role of acl.yaml; may be repeated")
            ->required()
            ->allow_extra_args(false);
        command->add_option("--owner", add_.owner, "who is responsible for it");
        command->add_option("--algorithm", add_.algorithm, "COSE algorithm, by name or number")->capture_default_str();
        define_origin(command, add_.certificate);
        on(command, [this] {
            add_.folder = folder_;
            add_.who = life_.who;
            return exit_code_of(add(add_, terminal_));
        });
    }

    void define_renew() {
        CLI::App* command =
            app_.add_subcommand("renew", "issue another certificate; older ones stay valid until they expire");
        command->add_option("ID", renew_.id, "the principal's name")->required();
        define_origin(command, renew_.certificate);
        on(command, [this] {
            renew_.folder = folder_;
            renew_.who = life_.who;
            return exit_code_of(renew(renew_, terminal_));
        });
    }

    void define_import() {
        CLI::App* command = app_.add_subcommand(
            "import", "add all principals of a table, each with a new key, in one transaction or not at all");
        command
            ->add_option(
                "FILE", import_.file,
                "CSV with the columns principal, roles, owner, algorithm, certificate_sha256, certificate_serial")
            ->required();
        CLI::Option* legacy = command->add_flag("--legacy", import_.legacy,
                                                "FILE has lines of id,key,iv; those keys are never used again");
        CLI::Option* role = command->add_option("--role", import_.roles, "a role for all of them; may be repeated")
                                ->allow_extra_args(false);
        legacy->needs(role);
        command->add_option("--owner", import_.owner, "who is responsible for those without an owner in FILE");
        command->add_option("--algorithm", import_.algorithm, "COSE algorithm for those without one in FILE")
            ->capture_default_str();
        command->add_option("--credentials", import_.credentials,
                            "a file with mode 0600 for their secret credentials, one line of JSON each");
        on(command, [this] {
            import_.folder = folder_;
            import_.who = life_.who;
            return exit_code_of(import_principals(import_, terminal_));
        });
    }

    void define_reports() {
        CLI::App* all = app_.add_subcommand("list", "list all principals");
        all->add_option("--format", list_.format, "table, json or csv")
            ->check(CLI::IsMember({"table", "json", "csv"}))
            ->capture_default_str();
        all->add_option("--role", list_.role, "only those with this role");
        all->add_option("--owner", list_.owner, "only those for whom this owner is responsible");
        all->add_option("--state", list_.state, "only those in this state")
            ->check(CLI::IsMember({"active", "revoked", "decommissioned", "storage"}));
        on(all, [this] {
            list_.folder = folder_;
            return exit_code_of(list(list_, terminal_));
        });
        CLI::App* command = app_.add_subcommand("show", "show one principal; never a secret");
        command->add_option("ID", id_, "the principal's name")->required();
        on(command, [this] { return exit_code_of(show(folder_, id_, terminal_)); });
    }

    // A command about the principal ID, with its request in life_.
    CLI::App* define_life(const std::string& name, const std::string& description,
                          std::function<Checked<Done>()> work) {
        CLI::App* command = app_.add_subcommand(name, description);
        command->add_option("ID", life_.id, "the principal's name")->required();
        on(command, [this, work = std::move(work)] {
            life_.folder = folder_;
            return exit_code_of(work());
        });
        return command;
    }

    void define_rotate() {
        CLI::App* command = define_life(
            "rotate", "give a principal a new key, and refuse the old one at once or after an overlap",
            [this] { return finish_ ? finish_rotation(life_, terminal_) : rotate(life_, rotation_, terminal_); });
        CLI::Option* overlap =
            command->add_option("--overlap", rotation_.overlap,
                                "how long the old key is still accepted, such as 7d or 12h; then it is wiped");
        CLI::Option* over_the_air = command->add_flag(
            "--over-the-air", rotation_.over_the_air,
            "let the broker send the new key to the device, sealed under the old one, which is accepted until "
            "the new one was used, and then for the overlap, 30d if it is left out");
        command->add_flag("--finish", finish_, "end an overlap now: wipe the old key")
            ->excludes(overlap)
            ->excludes(over_the_air);
        command->add_option("--why", life_.why, "the reason, kept in the registry");
    }

    void define_end() {
        CLI::App* revoked = define_life(
            "revoke", "revoke a principal, its certificates and its keys, or one of its certificates", [this] {
                return certificate_.empty() ? revoke(life_, terminal_)
                                            : revoke_certificate(life_, certificate_, terminal_);
            });
        revoked->add_option("--certificate", certificate_,
                            "only this certificate: its SHA-256 or serial number, as 'show' prints it");
        revoked->add_option("--reason", life_.why, "the reason, kept in the registry");
        define_life("reinstate", "take a revocation back, within 24 hours", [this] {
            return reinstate(life_, terminal_);
        })->add_option("--why", life_.why, "the reason, kept in the registry");
        define_life("decommission",
                    "revoke a principal and destroy its keys: what is stored under them can never be opened",
                    [this] { return decommission(life_, terminal_); })
            ->add_option("--why", life_.why, "the reason, kept in the registry")
            ->required();
    }

    void define_transfer() {
        CLI::App* command = define_life("transfer", "give a principal another owner",
                                        [this] { return transfer(life_, owner_, terminal_); });
        command->add_option("--owner", owner_, "who is responsible for it from now on")->required();
        command->add_option("--why", life_.why, "the reason, kept in the registry");
    }

    void define_roles() {
        CLI::App* command = define_life("roles", "give a principal other roles; its live sessions follow at once",
                                        [this] { return change_roles(life_, roles_, terminal_); });
        command->add_option("--add", roles_.add, "a role of acl.yaml; may be repeated")->allow_extra_args(false);
        command->add_option("--remove", roles_.remove, "a role that it has; may be repeated")->allow_extra_args(false);
        command->add_option("--why", life_.why, "the reason, kept in the registry");
    }

    void define_backup() {
        CLI::App* saved =
            app_.add_subcommand("backup", "write a consistent copy of the registry, even while it is in use");
        saved->add_option("FILE", file_, "made, or replaced as a whole, with mode 0600")->required();
        on(saved, [this] {
            life_.folder = folder_;
            return exit_code_of(backup(life_, file_, terminal_));
        });
        CLI::App* restored = app_.add_subcommand(
            "restore",
            "replace the registry with a backup, while the broker is stopped; devices must begin their next epoch");
        restored->add_option("FILE", file_, "a file that 'backup' wrote")->required();
        on(restored, [this] {
            life_.folder = folder_;
            return exit_code_of(restore(life_, file_, terminal_));
        });
    }

    void define_state() {
        CLI::App* begun = app_.add_subcommand(
            "distrust",
            "begin a new state folder for one that is missing, older or damaged, while the broker is stopped; "
            "devices must begin their next epoch");
        begun->add_option("--backup", distrust_.backup,
                          "a file that 'backup' wrote: epochs up to those in it are refused");
        CLI::Option* own = begun->add_flag("--own-epochs", distrust_.own_epochs,
                                           "only raise the epochs that the broker seals under; devices go on");
        begun
            ->add_flag("--another-broker", distrust_.another_broker,
                       "for a new broker next to those that use this registry, each with its own state folder")
            ->excludes(own);
        on(begun, [this] {
            distrust_.folder = folder_;
            distrust_.who = life_.who;
            return exit_code_of(distrust(distrust_, terminal_));
        });
        on(app_.add_subcommand("adopt",
                               "tell a registry that was copied from another broker about the state folder here"),
           [this] {
               life_.folder = folder_;
               return exit_code_of(adopt(life_, terminal_));
           });
    }

    void define_export() {
        CLI::App* command = app_.add_subcommand(
            "export", "write the secret credentials of a principal for its device, or a new pairing code");
        CLI::Option* id = command->add_option("ID", export_.id, "the principal's name");
        const std::string about = "make a new pairing code for a label and a firmware; it is not stored anywhere";
        CLI::Option* pairing = command->add_flag("--pairing", about)->excludes(id);
        CLI::Option* format =
            command->add_option("--format", export_.format, "json or c-header; for a pairing code, text or c-header");
        command->add_option("--output", export_.output, "a file with mode 0600 (default: standard output)");
        command->callback([this, id, pairing, format] {
            check_export(*id, *pairing, *format);
            const bool is_pairing = pairing->count() > 0;
            command_ = [this, is_pairing] {
                export_.folder = folder_;
                export_.who = life_.who;
                return exit_code_of(is_pairing ? export_pairing(export_) : export_credentials(export_));
            };
        });
    }

    // What is exported decides which formats there are, and whether one must be named.
    void check_export(const CLI::Option& id, const CLI::Option& pairing, const CLI::Option& format) const {
        const bool is_pairing = pairing.count() > 0;
        if (!is_pairing && (id.count() == 0 || format.count() == 0)) {
            throw CLI::RequiredError(id.count() == 0 ? "ID, or --pairing," : "--format");
        }
        const std::string other = is_pairing ? "text" : "json";
        if (format.count() > 0 && export_.format != other && export_.format != "c-header") {
            throw CLI::ValidationError("--format: " + export_.format + " is neither " + other + " nor c-header");
        }
    }

    void define_explain() {
        CLI::App* command = app_.add_subcommand(
            "explain",
            "say whether something is granted, and which rule decides; exit status 0: yes, 1: no, 2: an error");
        command->add_option("ID", explain_.id, "the principal's name")->required();
        command->add_option("ACTION", explain_.action, "publish, subscribe or deliver")
            ->required()
            ->check(CLI::IsMember({"publish", "subscribe", "deliver"}));
        command->add_option("TOPIC", explain_.topic, "a topic name, or a filter to subscribe to")->required();
        on(command, [this] {
            explain_.folder = folder_;
            const auto granted = explain(explain_, terminal_);
            return granted ? (*granted ? 0 : failed) : report(granted.error(), misused);
        });
    }

    void define_who() {
        CLI::App* command = app_.add_subcommand(
            "who", "say who may publish to a topic, subscribe to it, and be handed what is published there");
        command->add_option("TOPIC", who_.topic, "a topic name")->required();
        on(command, [this] {
            who_.folder = folder_;
            return exit_code_of(who(who_, terminal_));
        });
    }

    void define_check() {
        CLI::App* command =
            app_.add_subcommand("check", "read the whole configuration and report everything that is wrong");
        command->add_option("--config", check_.config_file, "a reseal.yaml other than the folder's own");
        command->add_option("--broker", check_.broker_file,
                            "mosquitto.conf: also say who would get in at which listener, and what would be wrong");
        on(command, [this] {
            check_.folder = folder_;
            return check(check_, terminal_) == 0 ? 0 : failed;
        });
    }

    void define_audit() {
        CLI::App* command = app_.add_subcommand("audit", "verify or show the audit trail");
        command->require_subcommand(1);
        CLI::App* verify = command->add_subcommand(
            "verify", "find lines that were changed, removed or inserted; exit status 0: none, 1: some, 2: an error");
        verify->add_option("PATH", audit_.trail.paths, "the trail's folder or files (default: the site's own)");
        verify->add_flag("!--no-key", audit_.trail.with_key,
                         "check only the chain; a trail that was rewritten from the beginning is then not detected");
        on(verify, [this] {
            audit_.trail.folder = folder_;
            const auto sound = verify_audit(audit_.trail, terminal_);
            return sound ? (*sound ? 0 : failed) : report(sound.error(), misused);
        });
        CLI::App* show = command->add_subcommand("show", "print its lines, without verifying them");
        show->add_option("PATH", audit_.trail.paths, "the trail's folder or files (default: the site's own)");
        show->add_option("--principal", audit_.principal, "only lines about this principal");
        show->add_option("--reason", audit_.reason, "only lines with this reason, such as bad_tag");
        show->add_option("--event", audit_.event, "only lines about this event, such as refused");
        show->add_option("--since", audit_.since,
                         "only lines since this time (UTC), such as 2026-01-31 or 2026-01-31T12:00");
        on(show, [this] {
            audit_.trail.folder = folder_;
            return exit_code_of(show_audit(audit_, terminal_));
        });
    }

    CLI::App app_{"Makes and manages the principals of a Reseal broker.", "reseal-provision"};
    Terminal terminal_{std::cout, std::cerr};
    std::function<int()> command_;
    std::string folder_ = ".";
    std::string id_;
    reseal::admin::Rotation rotation_;
    std::string file_;
    bool finish_ = false;
    std::string owner_;
    std::string certificate_;
    reseal::admin::RoleChange roles_;
    reseal::admin::InitRequest init_;
    reseal::admin::MigrateRequest migrate_{.folder = {}, .realm = "main"};
    reseal::admin::AddRequest add_;
    reseal::admin::RenewRequest renew_;
    reseal::admin::ImportRequest import_;
    reseal::admin::LifeRequest life_;
    reseal::admin::ListRequest list_;
    reseal::admin::DistrustRequest distrust_;
    reseal::admin::ExportRequest export_;
    reseal::admin::ExplainRequest explain_;
    reseal::admin::WhoRequest who_;
    reseal::admin::CheckRequest check_;
    reseal::admin::ShowAuditRequest audit_;
};

// Secrets must not reach a core dump, or files that others can read.
void protect_process() {
    reseal::forbid_core_dumps();
    (void)::umask(077);
}

}  // namespace

int main(int count, char** arguments) {
    protect_process();
    try {
        return CommandLine().run(count, arguments);
    } catch (const std::exception& error) {
        std::cerr << "reseal-provision: " << error.what() << "\n";
        return failed;
    }
}
