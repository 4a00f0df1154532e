using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A throwaway repository of a user: a work tree on the branch main with one commit. Nothing of the machine's configuration is used.</summary>
internal sealed class TestRepository : IDisposable
{
    public const string Main = "main";

    // Most tests begin with the same repository. A copy takes a tenth of the time that git needs to make one.
    private static readonly Lazy<Task<TestRepository>> Template = new(static async () =>
    {
        var template = await InitAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => template.Dispose();
        return template;
    });

    private readonly TempDirectory _directory = new();

    private TestRepository()
    {
    }

    public string Path => _directory["repository"];

    /// <summary>Gets a directory beside the repository for what the test needs.</summary>
    public string this[string name] => _directory[name];

    public static async Task<TestRepository> CreateAsync(params string[] initArguments)
    {
        if (initArguments.Length > 0)
        {
            return await InitAsync(initArguments);
        }

        var template = await Template.Value;
        var repository = new TestRepository();
        Copy(template.Path, repository.Path);
        return repository;
    }

    /// <summary>Makes a clone, with the objects of its own.</summary>
    public static async Task<TestRepository> CloneAsync(TestRepository origin, params string[] arguments)
    {
        var repository = new TestRepository();
        Directory.CreateDirectory(repository.Path);
        await repository.GitAsync(["clone", "--quiet", .. arguments, "file://" + origin.Path, "."]);
        return repository;
    }

    /// <summary>Runs git in the repository.</summary>
    /// <returns>What it has put out, without the blanks around it.</returns>
    public Task<string> GitAsync(params string[] arguments) => RunAsync("git", arguments);

    /// <summary>Runs a script in the repository.</summary>
    public Task<string> ShellAsync(string script) => RunAsync("sh", ["-ec", script]);

    public void Write(string path, string content)
    {
        var file = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>Commits files on a branch, which begins at the tip of main where it is new; without content a file is deleted.</summary>
    /// <returns>The id of the commit.</returns>
    public async Task<string> CommitAsync(string branch, params (string Path, string? Content)[] files)
    {
        await SwitchAsync(branch);
        foreach (var (path, content) in files)
        {
            if (content is null)
            {
                File.Delete(System.IO.Path.Combine(Path, path));
            }
            else
            {
                Write(path, content);
            }
        }

        return await CommitAllAsync(branch);
    }

    /// <summary>Commits what a script does to the work tree of a branch.</summary>
    public async Task<string> CommitScriptAsync(string branch, string script)
    {
        await SwitchAsync(branch);
        await ShellAsync(script);
        return await CommitAllAsync(branch);
    }

    public Task<string> TipAsync(string revision = Main) => GitAsync("rev-parse", "--verify", revision);

    public void Dispose() => _directory.Dispose();

    private static async Task<TestRepository> InitAsync(params string[] arguments)
    {
        var repository = new TestRepository();
        Directory.CreateDirectory(repository.Path);
        await repository.GitAsync(["init", "--quiet", "--initial-branch=" + Main, .. arguments]);
        await repository.CommitAsync(Main, ("target.txt", "target\n"));
        return repository;
    }

    private static void Copy(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, System.IO.Path.Combine(destination, System.IO.Path.GetFileName(file)));
        }

        foreach (var directory in Directory.EnumerateDirectories(source))
        {
            Copy(directory, System.IO.Path.Combine(destination, System.IO.Path.GetFileName(directory)));
        }
    }

    private async Task SwitchAsync(string branch)
    {
        if (await File.ReadAllTextAsync(System.IO.Path.Combine(Path, ".git", "HEAD")) != $"ref: refs/heads/{branch}\n")
        {
            var exists = (await GitAsync("branch", "--list", branch)).Length > 0;
            await GitAsync(["checkout", "--quiet", .. exists ? new[] { branch } : ["-b", branch, Main]]);
        }
    }

    private async Task<string> CommitAllAsync(string message)
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "--message", message);
        return await TipAsync("HEAD");
    }

    private async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        var result = await Cli.Wrap(program)
            .WithArguments(arguments)
            .WithWorkingDirectory(Path)
            .WithEnvironmentVariables(CleanEnvironment())
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput.Trim();
    }

    /// <summary>Gets what frees git from the configuration of the machine.</summary>
    public static Dictionary<string, string?> CleanEnvironment()
    {
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal))
            .ToDictionary(static name => name, static _ => (string?)null);
        environment["GIT_ATTR_NOSYSTEM"] = "1";
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["XDG_CONFIG_HOME"] = "/dev/null";
        foreach (var role in new[] { "AUTHOR", "COMMITTER" })
        {
            environment[$"GIT_{role}_NAME"] = "Somebody";
            environment[$"GIT_{role}_EMAIL"] = "somebody@example.org";
        }

        return environment;
    }
}
