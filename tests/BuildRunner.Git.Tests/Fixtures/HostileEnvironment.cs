using System.Runtime.CompilerServices;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>
/// The environment and the account's configuration in which all of these tests run: whatever of it reached the runner's git or a command would break many of them. Set once, before any test, because the environment is the process's.
/// </summary>
internal static class HostileEnvironment
{
    /// <summary>A variable of this process that is on no list.</summary>
    public const string Secret = "TOKEN_OF_SOMETHING_ELSE";

    private static readonly TempDirectory Directory = new();

    [ModuleInitializer]
    internal static void Set()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Dispose();
        var account = System.IO.Directory.CreateDirectory(Directory["git"]).FullName;
        File.WriteAllText(Path.Combine(account, "attributes"), "* merge=binary filter=broken\n");
        File.WriteAllText(Path.Combine(account, "config"), "[filter \"broken\"]\n\tsmudge = false\n\trequired = true\n[merge]\n\trenames = false\n");
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", Directory.Path);
        Environment.SetEnvironmentVariable("GIT_DIR", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_INDEX_FILE", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_OBJECT_DIRECTORY", Directory["nowhere"]);
        Environment.SetEnvironmentVariable("GIT_CONFIG_COUNT", "1");
        Environment.SetEnvironmentVariable("GIT_CONFIG_KEY_0", "core.attributesFile");
        Environment.SetEnvironmentVariable("GIT_CONFIG_VALUE_0", Path.Combine(account, "attributes"));
        Environment.SetEnvironmentVariable(Secret, "secret");
    }
}
