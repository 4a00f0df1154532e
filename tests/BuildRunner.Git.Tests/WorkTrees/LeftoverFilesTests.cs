namespace BuildRunner.Git.Tests.WorkTrees;

/// <summary>A build sees nothing of the one before it in the same work tree, whatever that has done there.</summary>
[Slow]
public sealed class LeftoverFilesTests : IAsyncLifetime
{
    private const string HookNames = "post-checkout reference-transaction post-index-change pre-commit";

    // 3,000 levels of 6,000 characters; a path may have 4,096.
    private const string DeepDirectories = "p=d; for i in 1 2 3 4 5 6 7 8 9 10; do p=$p/$p; done; for i in 1 2 3; do mkdir -p $p; cd -P $p; done";

    private static readonly Dictionary<string, string> Messes = new()
    {
        ["untracked files"] = "echo > untracked; mkdir -p new/dir; echo > new/dir/file",
        ["ignored files"] = "echo '*.o' > .gitignore; mkdir out; echo > out/a.o; echo > b.o",
        ["ignored files by its own exclusions"] = "echo '*' > .git-exclude; git config core.excludesFile \"$PWD/.git-exclude\"; echo > ignored",
        ["changed and deleted files"] = "echo changed > target.txt; rm dir/file; chmod 600 target.txt",
        ["a file in place of a directory"] = "rm -r dir; echo > dir",
        ["a directory in place of a file"] = "rm target.txt; mkdir -p target.txt/sub; echo > target.txt/sub/file",
        ["staged and committed files"] = "echo > staged; git add -A; git commit -qm mine; echo > more; git add more; git branch other; git stash -q -u || true",
        ["files that are assumed unchanged"] = "git update-index --assume-unchanged target.txt; git update-index --skip-worktree dir/file; echo changed > target.txt; rm dir/file",
        ["a sparse checkout"] = "git sparse-checkout set nothing",
        ["a nested repository"] = "git init -q nested; echo > nested/file; git -C nested add -A; git -C nested -c user.name=x -c user.email=x@example.org commit -qm x",
        ["a repository in a tracked directory"] = "git init -q dir; echo > dir/untracked; git -C dir add untracked; git -C dir -c user.name=x -c user.email=x@example.org commit -qm x",
        ["files in the place of a submodule"] = "echo > sub/untracked; mkdir -p sub/dir; echo > sub/dir/file",
        ["a repository in the place of a submodule"] = "git init -q sub; echo > sub/untracked; git -C sub add -A; git -C sub -c user.name=x -c user.email=x@example.org commit -qm x",
        ["a file in the place of a submodule"] = "rmdir sub; echo > sub",
        ["a link in the place of a submodule"] = "rmdir sub; ln -s \"$OUTSIDE\" sub",
        ["directories that are deeper than a path may be"] = DeepDirectories,
        ["deep directories in a tracked directory"] = "cd dir; " + DeepDirectories,
        ["deep directories in its repository"] = "cd \"$(git rev-parse --git-dir)\"; " + DeepDirectories,
        ["deep directories beside the tree"] = "cd ..; mkdir beside; cd beside; " + DeepDirectories,
        ["deep directories in place of the kept index"] = "cd ..; rm -f index; mkdir index index.new; cd index; " + DeepDirectories,
        ["pipes"] = "mkfifo pipe dir/pipe; mkdir new; mkfifo new/pipe",
        ["devices and sockets, where they can be made"] = "mknod device c 1 3 2> /dev/null || true; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"dir/socket\")' 2> /dev/null || true",
        ["pipes in ignored directories"] = "echo out > .gitignore; mkdir -p out/dir; mkfifo out/pipe out/dir/pipe",
        ["pipes in a nested repository"] = "git init -q dir/nested; mkfifo dir/nested/pipe dir/nested/.git/pipe; git init -q dir; mkfifo dir/.git/pipe",
        ["a pipe in place of a file"] = "rm dir/file; mkfifo dir/file",
        ["pipes in the place of a submodule"] = "mkfifo sub/pipe; git init -q sub; mkfifo sub/.git/pipe",
        ["a submodule that is gone"] = "rmdir sub",
        ["rights of a submodule"] = "chmod 700 sub",
        ["directories that cannot be written"] = "mkdir -p locked/sub; echo > locked/sub/file; chmod 555 locked/sub locked dir",
        ["directories that cannot be entered"] = "mkdir -p closed/sub; echo > closed/sub/file; chmod 000 closed",
        ["names that are not UTF-8"] = "mkdir \"$(printf 'd\\351')\"; echo > \"$(printf 'd\\351/f\\377')\"",
        ["names of branches that are not UTF-8"] = "git branch \"$(printf 'b\\351')\"",
        ["rights of a tracked directory"] = "chmod 700 dir",
        ["rights of the root"] = "chmod 700 .",
        ["a second name of a file"] = "ln target.txt \"$OUTSIDE/git\"",
        ["another file with the same content"] = "cp -p target.txt \"$OUTSIDE/git\"; ln -f \"$OUTSIDE/git\" target.txt",
        ["a file with its old time"] = "touch -r target.txt time; printf 'Target\\n' > target.txt; touch -r time target.txt; rm time",
        ["a kept index that is a link"] = "cp target.txt \"$OUTSIDE/git\"; rm -f ../index ../index.new; ln -s \"$OUTSIDE/file\" ../index; ln -s \"$OUTSIDE/file\" ../index.new",
        ["a kept index that ends too early"] = "test ! -e ../index || { head -c 100 ../index > ../short; mv ../short ../index; }",
        ["no .git"] = "rm .git",
        [".git as a directory"] = "rm .git; git init -q .; echo > .git/\"$(printf 'f\\351')\"",
        [".git as a link"] = "mv .git \"$OUTSIDE/git\"; ln -s \"$OUTSIDE/git\" .git",
        [".git as a link to a directory"] = "rm .git; ln -s \"$OUTSIDE\" .git",
        [".git that cannot be written"] = "chmod 444 .git; chmod -R a-w \"$(git rev-parse --git-dir)\"",
        ["a repository that is gone"] = "rm -r \"$(git rev-parse --git-dir)\"",
        ["a repository that is a file"] = "cd \"$(git rev-parse --git-dir)\"; cd ..; rm -r git; echo > git",
        ["a repository that is a link"] = "cd \"$(git rev-parse --git-dir)\"; cd ..; rm -r git; ln -s \"$OUTSIDE\" git",
        ["a tree that is gone"] = "cd ..; rm -r tree",
        ["a tree that is a file"] = "cd ..; rm -r tree; echo > tree",
        ["a tree that is a link"] = "cd ..; rm -r tree; ln -s \"$OUTSIDE\" tree",
        ["everything around the tree is a link"] = "cd ../..; rm -r 1; ln -s \"$OUTSIDE\" 1",
        ["a repository that is a broken link"] = "cd \"$(git rev-parse --git-dir)\"; cd ..; rm -r git; ln -s nowhere git",
        ["locks"] = "touch \"$(git rev-parse --git-dir)/index.lock\" \"$(git rev-parse --git-dir)/HEAD.lock\" \"$(git rev-parse --git-dir)/config.lock\"",
        ["a directory that is a link to the outside"] = "rm -r dir; ln -s \"$OUTSIDE\" dir",
        ["a file that is a link to the outside"] = "ln -sf \"$OUTSIDE/file\" target.txt; ln -s \"$OUTSIDE\" untracked",
        ["hooks"] = $"git_dir=$(git rev-parse --git-dir); mkdir -p $git_dir/hooks; git config core.hooksPath $git_dir/hooks; for hook in {HookNames}; do printf '#!/bin/sh\\ntouch %s/ran\\n' \"$OUTSIDE\" > $git_dir/hooks/$hook; chmod +x $git_dir/hooks/$hook; done",
        ["hooks and configuration of the repository that it borrows from"] = $"borrowed=$(dirname \"$(head -n 1 \"$(git rev-parse --git-dir)/objects/info/alternates\")\"); mkdir -p \"$borrowed/hooks\"; git config -f \"$borrowed/config\" core.bare broken; for hook in {HookNames}; do printf '#!/bin/sh\\ntouch %s/ran\\n' \"$OUTSIDE\" > \"$borrowed/hooks/$hook\"; chmod +x \"$borrowed/hooks/$hook\"; done",
        ["a file system monitor"] = "git config core.fsmonitor \"touch $OUTSIDE/ran; false\"",
        ["a filter"] = "git config filter.mine.smudge \"touch $OUTSIDE/ran\"; git config filter.mine.clean \"touch $OUTSIDE/ran\"; mkdir -p $(git rev-parse --git-dir)/info; echo '* filter=mine' > $(git rev-parse --git-dir)/info/attributes",
    };

    private TestRepository _repository = null!;
    private string _outside = null!;

    private static readonly bool[] WithAndWithout = [true, false];

    // What the kept index decides about, which differs where there is a submodule.
    private static readonly string[] AlsoWithout = ["untracked files", "changed and deleted", "assumed unchanged", "kept index", "old time", "tree that is gone"];

    public static TheoryData<string, bool> Kinds =>
    [
        .. from kind in Messes.Keys
           from withSubmodule in WithAndWithout
           where withSubmodule || AlsoWithout.Any(kind.Contains)
           select new TheoryDataRow<string, bool>(kind, withSubmodule),
    ];

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _outside = Directory.CreateDirectory(_repository["outside"]).FullName;
        File.WriteAllText(Path.Combine(_outside, "file"), "outside\n");
        await _repository.CommitAsync(TestRepository.Main, ("dir/file", "tracked\n"));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [MemberData(nameof(Kinds))]
    public async Task What_a_build_has_left_is_gone(string kind, bool withSubmodule)
    {
        // Its directory belongs to the commit as well, and has to be empty.
        if (withSubmodule)
        {
            await _repository.CommitScriptAsync(TestRepository.Main, "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; mkdir sub");
        }

        var messy = await _repository.CommitAsync("messy", ("build.sh", $"set -e\ngit config user.name x; git config user.email x@example.org\n{Messes[kind]}\n"));
        var clean = await _repository.CommitAsync("clean", ("build.sh", "find . -path ./.git -prune -o -printf '%p %y %m\\n' | sort; cat target.txt dir/file; git status --porcelain --ignored; git branch; git rev-parse HEAD"));
        await using var used = CreateRunner();
        await using var fresh = CreateRunner();

        var first = await used.BuildAsync(messy);
        File.Delete(Path.Combine(_outside, "ran"));
        var actual = await used.BuildAsync(clean);

        first.Log.Should().BeEmpty();
        first.Status.Should().Be(BuildStatus.Succeeded);
        actual.Log.Should().Be((await fresh.BuildAsync(clean)).Log);
        actual.Status.Should().Be(BuildStatus.Succeeded);
        File.Exists(Path.Combine(_outside, "ran")).Should().BeFalse();
        File.ReadAllText(Path.Combine(_outside, "file")).Should().Be("outside\n");
        Directory.GetFileSystemEntries(_outside).Select(static path => Path.GetFileName(path)).Should().BeSubsetOf(["file", "git"]);
    }

    private TestRunner CreateRunner() => new(_repository, options =>
    {
        options.Command = ["sh", "build.sh"];
        options.Environment["OUTSIDE"] = _outside;
    });
}
