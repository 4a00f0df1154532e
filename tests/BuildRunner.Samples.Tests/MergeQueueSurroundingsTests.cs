namespace BuildRunner.Samples.Tests;

/// <summary>The same commits land regardless of the configuration of the user, the machine, the repository and its work tree.</summary>
[Slow]
public sealed class MergeQueueSurroundingsTests : MergeQueueFixture
{
    // In one both lines are changed in two places far apart, and in the other the file has another name.
    private const string Lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    // Each of them is tried alone in the tests of BuildRunner.Git.
    private static readonly string[] Variables =
    [
        "GIT_DIR=@/nowhere",
        "GIT_OBJECT_DIRECTORY=@/nowhere",
        "GIT_NAMESPACE=nowhere",
        "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=merge.renames", "GIT_CONFIG_VALUE_0=false",
        "GIT_CONFIG_GLOBAL=@/config",
        "GIT_CONFIG_SYSTEM=@/config",
        "GIT_AUTHOR_NAME=Other", "GIT_COMMITTER_EMAIL=other@example.org", "GIT_AUTHOR_DATE=@1", "GIT_COMMITTER_DATE=@1",
    ];

    private const string Preparations = """
        git config merge.renames false
        git config merge.own.driver false
        git config merge.default own
        echo '* merge=own' > .git/info/attributes
        echo '* merge=binary' > .gitattributes
        echo '* merge=binary' > ../attributes
        git config core.attributesFile "$PWD/../attributes"
        git config core.fsmonitor false-program
        git config commit.gpgSign true
        git config gpg.program false
        git config user.signingKey x
        git config i18n.commitEncoding latin1
        git replace one main
        echo $(git rev-parse one) > .git/info/grafts
        mkdir -p ../hooks
        printf '#!/bin/sh\nexit 1\n' > ../hooks/reference-transaction
        chmod +x ../hooks/reference-transaction
        git config core.hooksPath "$PWD/../hooks"
        """;

    [TimedFact]
    public async Task No_environment_changes_what_lands()
    {
        await File.WriteAllTextAsync(Repository["config"], "[merge]\n\trenames = false\n\tdefault = own\n[merge \"own\"]\n\tdriver = false\n", TestContext.Current.CancellationToken);
        var expected = await LandAsync("alone");

        var landed = await LandAsync("surrounded", [.. Variables.Select(variable => variable.Replace("=@/", $"={Repository[""]}", StringComparison.Ordinal))]);

        landed.Should().Be(expected);
    }

    [TimedFact]
    public async Task No_setting_of_the_repository_changes_what_lands()
    {
        var expected = await LandAsync("alone");

        await Repository.ShellAsync(Preparations);
        var landed = await LandAsync("surrounded");

        landed.Should().Be(expected);
    }

    [TimedFact]
    public async Task Attributes_of_the_target_decide_how_is_merged_whatever_is_checked_out()
    {
        await Repository.CommitAsync("main", (".gitattributes", "list.txt merge=union\n"), ("list.txt", "a\n"));
        await Repository.CommitAsync("one", ("list.txt", "a\nb\n"));
        await Repository.CommitAsync("main", ("list.txt", "a\nc\n"));
        await Repository.GitAsync("switch", "--quiet", "--orphan", "empty");

        var result = await StartOn(["one"], ["true"]).Ended;

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await Repository.GitAsync("show", "main:list.txt")).Split('\n').Should().BeEquivalentTo("a", "b", "c");
    }

    [TimedTheory]
    [InlineData("merge=union", "landed")]
    [InlineData("-merge", "rejected")]
    public async Task Attributes_in_a_directory_of_the_target_decide_how_is_merged(string attribute, string expected)
    {
        // git would merge the two lines by itself where they are far apart, and not where they are one.
        var between = string.Join('\n', Enumerable.Repeat("-", expected == "landed" ? 0 : 20));
        await Repository.CommitAsync("main", ("lists/.gitattributes", $"list.txt {attribute}\n"), ("lists/list.txt", $"a\n{between}\nz\n"));
        await Repository.CommitAsync("one", ("lists/list.txt", $"a\nb\n{between}\nz\n"));
        await Repository.CommitAsync("main", ("lists/list.txt", expected == "landed" ? $"a\nc\n{between}\nz\n" : $"a\n{between}\ny\nz\n"));

        var result = await RunAsync(["one"], "true");

        result.States["one"].Should().Be(expected, result.Error);
    }

    [TimedFact]
    public async Task Attributes_that_a_branch_ahead_has_taken_away_decide_nothing()
    {
        await Repository.CommitAsync("main", ("lists/.gitattributes", "list.txt merge=union\n"), ("lists/list.txt", "a\n"));
        await Repository.CommitAsync("kept", ("lists/list.txt", "a\nb\n"));
        await Repository.CommitAsync("without", ("lists/.gitattributes", null));
        await Repository.CommitAsync("conflict", ("lists/list.txt", "a\nd\n"));
        await Repository.CommitAsync("main", ("lists/list.txt", "a\nc\n"));

        var result = await RunAsync(["kept", "without", "conflict"], "true");

        result.States.Should().Contain("kept", "landed").And.Contain("without", "landed").And.Contain("conflict", "rejected");
    }

    [TimedFact]
    public async Task What_is_written_can_be_written_by_those_who_share_the_repository()
    {
        await Repository.GitAsync("config", "core.sharedRepository", "group");
        await CommitAsync("one", "one.txt");

        var result = await RunAsync(["one"], "true");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        var merge = await Repository.TipAsync();
        var directory = Path.Combine(Repository.Path, ".git", "objects", merge[..2]);
        File.GetUnixFileMode(directory).Should().HaveFlag(UnixFileMode.GroupWrite);
    }

    /// <summary>Lands a branch with a merge that combines a rename and two changes of a file, and removes it again.</summary>
    /// <returns>The commit that was landed.</returns>
    private async Task<string> LandAsync(string state, params string[] variables)
    {
        if (state == "alone")
        {
            await Repository.CommitAsync("main", ("lines.txt", Lines));
            await Repository.CommitAsync("one", ("lines.txt", Lines.Replace("2", "two", StringComparison.Ordinal)));
            await Repository.CommitScriptAsync("main", "git mv lines.txt renamed.txt; sed -i s/8/eight/ renamed.txt");
        }

        var before = await Repository.TipAsync();
        await Repository.GitAsync("-c", "core.hooksPath=/dev/null", "switch", "--quiet", "--detach");
        var result = await StartOn(["one"], ["grep", "-q", "two", "renamed.txt"], state, variables: variables).Ended;
        result.ExitCode.Should().Be(AllLanded, result.Error + result.Output);
        var landed = await Repository.TipAsync();
        await Repository.GitAsync("-c", "core.hooksPath=/dev/null", "update-ref", "refs/heads/main", before);
        return landed;
    }
}
