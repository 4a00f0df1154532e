namespace BuildRunner.Http.Tests;

public sealed class MergedRevisionTests
{
    private static readonly string Commit = new('a', 40);

    [Theory]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2Fbuild%2Fx/")]
    [InlineData("git://git.example.org/team/shop/refs%2Fheads%2Fbuild%2Fx/")]
    public void The_branch_and_the_commit_of_the_one_head_are_read(string start)
    {
        var revision = MergedRevision.Of(new BuildRequest { Head = [new Change(start + Commit.ToUpperInvariant())] });

        (revision.Reference, revision.Branch, revision.CommitId).Should().Be(("refs/heads/build/x", "build/x", Commit));
    }

    [Theory]
    [InlineData("test:x")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2Fx/aaaa")]
    [InlineData("git://git.example.org/shop/refs%2Ftags%2Fx/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2F/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2F--upload-pack%3Dtouch%20x/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2F--upload-pack%3Dx/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2Fa%3Arefs%2Fheads%2Fb/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2Fa%0Ab/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2Fa%2F..%2Fb/{commit}")]
    [InlineData("git://git.example.org/shop/refs%2Fheads%2F%2A/{commit}")]
    public void What_is_no_branch_at_a_commit_is_rejected(string uri)
    {
        var act = () => MergedRevision.Of(new BuildRequest { Head = [new Change(uri.Replace("{commit}", Commit, StringComparison.Ordinal))] });

        act.Should().ThrowExactly<BuildRunnerException>().Which.IsTransient.Should().BeFalse();
    }

    [Fact]
    public void A_base_or_a_second_head_is_rejected()
    {
        Change change = new($"git://git.example.org/shop/refs%2Fheads%2Fx/{Commit}");
        BuildRequest[] requests = [new(), new() { Base = [change], Head = [change] }, new() { Head = [change, change] }];

        requests.Should().AllSatisfy(static request => FluentActions.Invoking(() => MergedRevision.Of(request)).Should().ThrowExactly<BuildRunnerException>());
    }
}
