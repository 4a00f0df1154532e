namespace BuildRunner.Git.Tests.WorkTrees;

[Slow]
public sealed class CheckOutTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task Executable_files_and_links_are_what_they_are_in_the_commit()
    {
        var head = await _repository.CommitScriptAsync("head", "echo 'exit 0' > run; chmod +x run; ln -s target.txt link; ln -s nowhere dangling; ln -s / root");

        var lines = await BuildAsync(head, "find . -name .git -prune -o ! -name . -printf '%p %y %l\\n' | sort; test -x run && test ! -x target.txt && echo executable");

        lines.Should().Equal("./dangling l nowhere", "./link l target.txt", "./root l /", "./run f ", "./target.txt f ", "executable");
    }

    [TimedFact]
    public async Task A_submodule_is_an_empty_directory()
    {
        var tip = await _repository.TipAsync();
        var head = await _repository.CommitScriptAsync(
            "head",
            $"printf '[submodule \"sub\"]\\n\\tpath = sub\\n\\turl = https://example.invalid/sub\\n' > .gitmodules; git add .gitmodules; git update-index --add --cacheinfo 160000,{tip},sub; git commit -qm sub; mkdir sub");

        var lines = await BuildAsync(head, "ls; ls -A sub; git ls-tree HEAD sub | cut -c1-6; git status --porcelain");

        lines.Should().Equal("sub", "target.txt", "160000");
    }

    [TimedFact]
    public async Task Line_ends_are_those_of_the_committed_attributes()
    {
        var head = await _repository.CommitAsync(
            "head", (".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n*.bin -text\n"), ("a.bat", "x\n"), ("a.sh", "x\n"), ("a.bin", "x\r\n"), ("a.txt", "x\n"));

        var lines = await BuildAsync(head, "for file in a.*; do od -An -c $file | tr -d ' \\n'; echo; done; git status --porcelain");

        lines.Should().Equal("x\\r\\n", "x\\r\\n", "x\\n", "x\\n");
    }

    [TimedFact]
    public async Task Odd_names_are_kept()
    {
        var head = await _repository.CommitScriptAsync("head", """echo > "$(printf 'caf\351')"; echo > 'with blank'; echo > '*'; echo > ./-x; mkdir deep; echo > "deep/日本" """);

        var lines = await BuildAsync(head, "git status --porcelain; git -c core.quotePath=true ls-files");

        lines.Should().Equal("*", "-x", "\"caf\\351\"", "\"deep/\\346\\227\\245\\346\\234\\254\"", "target.txt", "with blank");
    }

    [TimedFact]
    public async Task A_large_file_stays_a_pointer()
    {
        const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        var head = await _repository.CommitAsync("head", (".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"), ("large.bin", Pointer));

        var lines = await BuildAsync(head, "cat large.bin");

        lines.Should().Equal(Pointer.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [TimedFact]
    public async Task The_history_of_what_is_built_is_there()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        var main = await _repository.CommitAsync(TestRepository.Main, ("main.txt", ""));

        var lines = await BuildAsync(head, "git log --format=%P -1; git symbolic-ref -q HEAD; git for-each-ref; git remote");

        lines.Should().Equal($"{main} {head}");
    }

    private async Task<string[]> BuildAsync(string head, string script)
    {
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", script + "\ntrue"]);
        var build = await runner.BuildAsync(head);
        build.Status.Should().Be(BuildStatus.Succeeded);
        return build.Lines;
    }

    [TimedTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_that_are_the_same_are_not_written_again(bool withSubmodule)
    {
        if (withSubmodule)
        {
            await _repository.CommitScriptAsync(TestRepository.Main, "mkdir -p dir/sub; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),dir/sub");
        }

        await _repository.CommitAsync(TestRepository.Main, ("dir/same.txt", "same\n"), ("dir/touched.txt", "touched\n"), ("dir/gone.txt", "gone\n"));
        var first = await _repository.CommitAsync("first", ("first.txt", ""));
        var second = await _repository.CommitAsync("second", ("second.txt", ""), ("dir/gone.txt", null));
        await using var runner = new TestRunner(_repository, static options => options.Command =
            ["sh", "-c", "stat -c '%n %i %z' dir/same.txt; cat dir/touched.txt; ls . dir; test ! -d dir/sub || echo > dir/sub/left; echo more >> dir/touched.txt"]);

        var before = (await runner.BuildAsync(first)).Log.Split('\n');
        var after = (await runner.BuildAsync(second)).Log.Split('\n');

        after[0].Should().Be(before[0]);
        after[1..].Should().Equal(["touched", ".:", "dir", "second.txt", "target.txt", "", "dir:", "same.txt", .. Enumerable.Repeat("sub", withSubmodule ? 1 : 0), "touched.txt", ""]);
    }

    [TimedTheory]
    [InlineData(".gitattributes")]
    [InlineData("dir/.gitattributes")]
    public async Task Files_that_are_the_same_are_written_again_where_attributes_change_how(string attributes)
    {
        await _repository.CommitAsync(TestRepository.Main, ("dir/same.txt", "same\n"));
        var first = await _repository.CommitAsync("first", ("first.txt", ""));
        var second = await _repository.CommitAsync("second", (attributes, "* text eol=crlf\n"));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["od", "-c", "dir/same.txt"]);

        var before = (await runner.BuildAsync(first)).Log;
        var changed = (await runner.BuildAsync(second)).Log;
        var back = (await runner.BuildAsync(first)).Log;

        changed.Should().Contain(@"\r  \n");
        before.Should().NotContain(@"\r");
        back.Should().Be(before);
    }
}
