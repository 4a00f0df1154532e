using System.Runtime.CompilerServices;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>
/// The environment and the account's configuration in which all of these tests run: whatever of it reached the runner's git or a command would break many of them. Set once, before any test, because the environment is the process's.
/// </summary>
internal static class HostileEnvironment
{
    /// <summary>A variable of this process that is on no list.</summary>
    public const string Secret = "TOKEN_OF_SOMETHING_ELSE";

    /// <summary>The credentials for any server on this machine that the account has in its .netrc.</summary>
    public const string AccountUser = "user-of-netrc";

    private static readonly TempDirectory Directory = new();

    /// <summary>Gets the file that git would write its traces to.</summary>
    public static string Trace => Directory["trace"];

    /// <summary>Gets the file that a program leaves behind which is configured for the account or in the environment.</summary>
    public static string Ran => Directory["ran"];

    /// <summary>Gets the file into which the ssh on the PATH writes what it was started with. It runs the command on this machine.</summary>
    public static string SshLog => Directory["ssh.log"];

    [ModuleInitializer]
    internal static void Set()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Dispose();
        var account = System.IO.Directory.CreateDirectory(Directory["git"]).FullName;
        File.WriteAllText(Path.Combine(account, "attributes"), "* merge=binary filter=broken\n");
        File.WriteAllText(Path.Combine(account, "config"), "[filter \"broken\"]\n\tsmudge = false\n\trequired = true\n[merge]\n\trenames = false\n" + RemoteConfiguration);
        File.WriteAllText(Directory[".netrc"], $"machine 127.0.0.1 login {AccountUser} password of-netrc\n");
        var programs = System.IO.Directory.CreateDirectory(Directory["bin"]).FullName;
        WriteProgram(Path.Combine(programs, "ssh"), $"{{ echo \"$@\"; env; }} >> {SshLog}; for last; do :; done; exec env -i PATH=\"$PATH\" sh -c \"$last\"");
        WriteProgram(Directory["evil"], $"echo \"$0 $@\" >> {Ran}; exit 1");
        Environment.SetEnvironmentVariable("PATH", $"{programs}:{Environment.GetEnvironmentVariable("PATH")}");
        Environment.SetEnvironmentVariable("HOME", Directory.Path);
        foreach (var name in new[] { "GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND" })
        {
            Environment.SetEnvironmentVariable(name, Directory["evil"]);
        }

        foreach (var name in new[] { "GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE2", "GIT_TRACE2_EVENT" })
        {
            Environment.SetEnvironmentVariable(name, Trace);
        }

        Environment.SetEnvironmentVariable("GIT_CURL_VERBOSE", "1");
        Environment.SetEnvironmentVariable("GIT_TRACE_REDACT", "0");
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", Directory.Path);
        Environment.SetEnvironmentVariable("GIT_DIR", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_INDEX_FILE", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_OBJECT_DIRECTORY", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_CONFIG_COUNT", "1");
        Environment.SetEnvironmentVariable("GIT_CONFIG_KEY_0", "core.attributesFile");
        Environment.SetEnvironmentVariable("GIT_CONFIG_VALUE_0", Path.Combine(account, "attributes"));
        Environment.SetEnvironmentVariable(Secret, "secret");
    }

    /// <summary>Gets what a configuration has that would lead git elsewhere, or let it start something, when it speaks to a remote.</summary>
    public static string RemoteConfiguration =>
        $"""
        [core]
        	sshCommand = {Directory["evil"]}
        	askPass = {Directory["evil"]}
        	gitProxy = {Directory["evil"]}
        	alternateRefsCommand = {Directory["evil"]}
        [credential]
        	helper = {Directory["evil"]}
        [http]
        	proxy = http://127.0.0.1:1
        	extraHeader = X-Hostile: yes
        	followRedirects = true
        [url "ext::{Directory["evil"]} "]
        	insteadOf = http://
        	insteadOf = ssh://
        	insteadOf = file://
        	insteadOf = /
        [protocol]
        	allow = always
        [remote "origin"]
        	uploadPack = {Directory["evil"]}
        	proxy = http://127.0.0.1:1
        [uploadpack]
        	packObjectsHook = {Directory["evil"]}

        """;

    private static void WriteProgram(string path, string script)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
