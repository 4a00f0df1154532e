namespace BuildRunner.Tests.Documentation;

/// <summary>Shows that the documentation's code is really compiled and really run.</summary>
public sealed class CodeBlockRunnerTests
{
    [Theory]
    [InlineData("""
        using BuildRunner;

        IBuildRunner runner = new NoopBuildRunner();
        var buildId = await runner.TriggerAsync([], []);
        Console.WriteLine((await runner.WaitForCompletionAsync(buildId)).Status);
        """)]
    [InlineData("""
        Console.WriteLine(args.Length);
        return 0;
        """)]
    [InlineData("public sealed record Nothing(List<string>? Names);")]
    [InlineData("""
        using BuildRunner;
        using NSubstitute;
        using Xunit;

        public interface IMine { int Count(); }

        public sealed class Tests
        {
            [Fact]
            public void A_substitute_of_its_own_type() => Assert.Equal(0, Substitute.For<IMine>().Count());

            [Theory]
            [InlineData("a", 1)]
            [InlineData(null, 0)]
            public async Task A_theory(string? text, int length)
            {
                await Task.Yield();
                Assert.Equal(length, text?.Length ?? 0);
            }

            public static TheoryData<int> Rows => [1, 2];

            [Theory]
            [MemberData(nameof(Rows))]
            public void A_theory_of_which_one_row_is_skipped(int row) => Assert.SkipWhen(row == 2, "not this one");
        }
        """)]
    public async Task A_good_block_passes(string code)
    {
        Func<Task> act = () => CodeBlockRunner.RunAsync(code);

        await act.Should().NotThrowAsync();
    }

    [Theory]
    [InlineData("Console.WriteLine(missing);")]
    [InlineData("public sealed class A { public B Other { get; } }")]
    [InlineData("Console.WriteLine(")]
    [InlineData("string text = null; Console.WriteLine(text);")]
    [InlineData("Console.WriteLine(1); return 3;")]
    [InlineData("await Task.Yield(); return 3;")]
    [InlineData("new BuildRunner.Tests.Documentation.CodeBlockException();")]
    [InlineData("public sealed class T { [Xunit.Fact(Skip = \"later\")] public void A() { } }")]
    [InlineData("public sealed class T { [Xunit.Fact(Explicit = true)] public void A() { } }")]
    [InlineData("public sealed class T { [Xunit.Theory] public void A(int number) { } }")]
    [InlineData("public sealed class T { [Xunit.Fact] public void A() => Xunit.Assert.Skip(\"later\"); }")]
    [InlineData("public sealed class T { public static Xunit.TheoryData<int> Rows => []; [Xunit.Theory, Xunit.MemberData(nameof(Rows))] public void A(int number) { } }")]
    [InlineData("public sealed class T { [Xunit.Theory, Xunit.InlineData(1, Skip = \"later\")] public void A(int number) { } }")]
    public async Task A_block_that_cannot_be_what_the_reader_wants_fails(string code)
    {
        Func<Task> act = () => CodeBlockRunner.RunAsync(code);

        await act.Should().ThrowAsync<CodeBlockException>();
    }

    [Theory]
    [InlineData("throw new FormatException();")]
    [InlineData("await Task.Yield(); throw new FormatException();")]
    [InlineData("public sealed class T { [Xunit.Fact] public void A() => throw new FormatException(); }")]
    [InlineData("public sealed class T { [Xunit.Fact] public static void A() => throw new FormatException(); }")]
    [InlineData("internal sealed class T { [Xunit.Fact] public async Task A() { await Task.Yield(); throw new FormatException(); } }")]
    [InlineData("public sealed class T { [Xunit.Fact] public async ValueTask A() { await Task.Yield(); throw new FormatException(); } }")]
    [InlineData("public sealed class T { [Xunit.Theory, Xunit.InlineData(1), Xunit.InlineData(2)] public void A(int number) { if (number == 2) throw new FormatException(); } }")]
    [InlineData("public sealed class T { public static Xunit.TheoryData<int> Rows => [1, 2]; [Xunit.Theory, Xunit.MemberData(nameof(Rows))] public void A(int number) { if (number == 2) throw new FormatException(); } }")]
    [InlineData("public sealed class T : IDisposable { [Xunit.Fact] public void A() { } public void Dispose() => throw new FormatException(); }")]
    [InlineData("public sealed class T : IAsyncDisposable { [Xunit.Fact] public void A() { } public ValueTask DisposeAsync() => throw new FormatException(); }")]
    [InlineData("public sealed class T : Xunit.IAsyncLifetime { [Xunit.Fact] public void A() { } public ValueTask InitializeAsync() => throw new FormatException(); public ValueTask DisposeAsync() => default; }")]
    [InlineData("Console.WriteLine(); public sealed class T { [Xunit.Fact] public void A() => throw new FormatException(); }")]
    public async Task A_block_that_throws_fails_with_what_it_throws(string code)
    {
        Func<Task> act = () => CodeBlockRunner.RunAsync(code);

        await act.Should().ThrowAsync<FormatException>();
    }

    [Fact]
    public async Task What_a_program_writes_is_in_the_output_of_the_test()
    {
        await CodeBlockRunner.RunAsync("Console.WriteLine(\"written by the block\");");

        TestContext.Current.TestOutputHelper!.Output.Should().Contain("written by the block");
    }
}
