namespace BuildRunner.Git.Tests.Changes;

public sealed class GitChangeTests
{
    private const string CommitId = "0123456789abcdef0123456789abcdef01234567";

    [Theory]
    [InlineData("refs/heads/main", "refs%2Fheads%2Fmain")]
    [InlineData("refs/heads/a b", null)]
    [InlineData("refs/heads/100%", "refs%2Fheads%2F100%25")]
    [InlineData("refs/heads/ü#1", "refs%2Fheads%2F%C3%BC%231")]
    public void The_reference_is_percent_encoded_in_the_uri(string reference, string? encoded)
    {
        var create = () => GitChange.Create("git.example.org", "team/product", reference, CommitId);

        if (encoded is null)
        {
            create.Should().Throw<ArgumentException>();
        }
        else
        {
            create().Uris.Should().Equal($"git://git.example.org/team/product/{encoded}/{CommitId}");
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:8080")]
    [InlineData("[::1]")]
    public void A_host_can_have_a_port_and_be_an_address(string host) =>
        GitChange.Create(host, "repository", "refs/heads/main", CommitId).Uris.Should().ContainSingle().Which.Should().StartWith($"git://{host}/");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("user@host")]
    [InlineData("host\n")]
    public void A_host_of_another_form_is_rejected(string? host) =>
        Creating(host: host).Should().Throw<ArgumentException>().WithParameterName(nameof(host));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a\u0007")]
    [InlineData("a\n")]
    public void A_repository_of_another_form_is_rejected(string? repository) =>
        Creating(repository: repository).Should().Throw<ArgumentException>().WithParameterName(nameof(repository));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("main")]
    [InlineData("HEAD")]
    [InlineData("refs")]
    [InlineData("refs/")]
    [InlineData("heads/main")]
    [InlineData("Refs/heads/main")]
    [InlineData("+refs/heads/main")]
    [InlineData("refs/heads/main\n")]
    public void What_is_not_a_full_reference_is_rejected(string? reference) =>
        Creating(reference: reference).Should().Throw<ArgumentException>().WithParameterName(nameof(reference));

    [Theory]
    [InlineData("ABCDEF0123456789abcdef0123456789abcdef01")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void A_commit_id_can_have_capitals_or_be_of_the_longer_format(string commitId) =>
        Creating(commitId: commitId).Should().NotThrow();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456")]
    [InlineData("0123456789abcdef0123456789abcdef0123456")]
    [InlineData("0123456789abcdef0123456789abcdef012345678")]
    [InlineData("0123456789abcdef0123456789abcdef0123456g")]
    [InlineData("0123456789abcdef0123456789abcdef01234567\n")]
    [InlineData("٠123456789abcdef0123456789abcdef01234567")]
    public void What_is_not_a_full_commit_id_is_rejected(string? commitId) =>
        Creating(commitId: commitId).Should().Throw<ArgumentException>().WithParameterName(nameof(commitId));

    private static Func<Change> Creating(
        string? host = "localhost",
        string? repository = "repository",
        string? reference = "refs/heads/main",
        string? commitId = CommitId) => () => GitChange.Create(host!, repository!, reference!, commitId!);
}
