package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.manifest.ManifestException;
import io.berth.daemon.cri.client.NodeException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The berth command and what all of its subcommands share. */
@Command(
        name = "berth",
        description = "A Kubernetes node runtime.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  done",
            "  1  failed; one line on standard error says why",
            "  2  the command line is wrong",
            "  3  no daemon answers on the socket",
            "  4  what was named is not there",
            "`run` and `exec` pass on the code of the container or command; Ctrl-C ends with 130."
        })
public final class BerthCommand {
    private BerthCommand() {}

    /**
     * Runs one command line and returns the process's exit code. Whatever fails is one line on
     * standard error, never a stack.
     */
    public static int run(
            DaemonLauncher launcher, String version, Console console, String... arguments) {
        return commandLine(launcher, version, console).execute(arguments);
    }

    static CommandLine commandLine(DaemonLauncher launcher, String version, Console console) {
        var image =
                new CommandLine(ImageCommand.group())
                        .addSubcommand(new ImageCommand.Pull(console))
                        .addSubcommand(new ImageCommand.Load(console))
                        .addSubcommand(new ImageCommand.Ls(console))
                        .addSubcommand(new ImageCommand.Rm(console));
        var config =
                new CommandLine(ConfigCommand.group())
                        .addSubcommand(new ConfigCommand.Default(console))
                        .addSubcommand(new ConfigCommand.Dump(console));
        var store =
                new CommandLine(StoreCommand.group())
                        .addSubcommand(new StoreCommand.Check(console))
                        .addSubcommand(new StoreCommand.Salvage(console));
        var state =
                new CommandLine(StateCommand.group())
                        .addSubcommand(new StateCommand.Adopt(console))
                        .addSubcommand(new StateCommand.Forget(console));
        // What follows the container is the command's own, also its options.
        var exec = new CommandLine(new ExecCommand(console)).setStopAtPositional(true);
        var berth =
                new CommandLine(new BerthCommand())
                        .addSubcommand(new DaemonCommand(launcher))
                        .addSubcommand(new RunCommand(console))
                        .addSubcommand(image)
                        .addSubcommand(new PodsCommand(console))
                        .addSubcommand(new PsCommand(console))
                        .addSubcommand(new LogsCommand(console))
                        .addSubcommand(exec)
                        .addSubcommand(new AttachCommand(console))
                        .addSubcommand(new PortForwardCommand(console))
                        .addSubcommand(new CheckpointCommand(console))
                        .addSubcommand(new StopCommand(console))
                        .addSubcommand(new RmCommand(console))
                        .addSubcommand(new AuditCommand(console))
                        .addSubcommand(store)
                        .addSubcommand(state)
                        .addSubcommand(config)
                        .addSubcommand(new CompletionCommand(console))
                        .addSubcommand(new VersionCommand(console, version));
        help(berth);
        berth.setOut(console.writer());
        berth.setCaseInsensitiveEnumValuesAllowed(true);
        berth.setParameterExceptionHandler((failure, _) -> usage(console, failure));
        berth.setExecutionExceptionHandler((failure, _, _) -> failed(console, failure));
        return berth;
    }

    /** Gives every command a help option. */
    private static void help(CommandLine command) {
        command.getCommandSpec().mixinStandardHelpOptions(false);
        command.getCommandSpec()
                .addOption(
                        CommandLine.Model.OptionSpec.builder("-h", "--help")
                                .usageHelp(true)
                                .type(boolean.class)
                                .description("Print this.")
                                .build());
        command.getSubcommands().values().forEach(BerthCommand::help);
    }

    private static int usage(Console console, CommandLine.ParameterException failure) {
        var name = failure.getCommandLine().getCommandSpec().qualifiedName();
        console.note("berth: %s; see `%s --help`".formatted(failure.getMessage(), name));
        return ExitCode.USAGE;
    }

    private static int failed(Console console, Exception failure) {
        var message =
                switch (failure) {
                    case AccessDeniedException e -> e.getFile() + ": access denied; run as root";
                    case FileSystemException e ->
                            e.getFile()
                                    + ": "
                                    + (e.getReason() == null ? "no such file" : e.getReason());
                    default ->
                            failure.getMessage() == null
                                    ? failure.getClass().getSimpleName()
                                    : failure.getMessage();
                };
        // The daemon's refusals and a manifest's problems say themselves where they come from.
        boolean whole = message.startsWith("berth ") || failure instanceof ManifestException;
        console.note(whole ? message : "berth: " + message);
        return switch (failure) {
            case CliException e -> e.exitCode();
            case NodeException.Unreachable _ -> ExitCode.NO_DAEMON;
            case NodeException.NotFound _ -> ExitCode.NOT_FOUND;
            default -> ExitCode.FAILURE;
        };
    }
}
