namespace BuildRunner.Tests.Builds;

public sealed class ChangeTests
{
    [Theory]
    [InlineData("github://github.com/org/repo/pull/12/0123456789abcdef0123456789abcdef01234567")]
    [InlineData("git://host/repo/refs%2Fheads%2Fmain/0123456789abcdef0123456789abcdef01234567")]
    [InlineData("a:b")]
    [InlineData("Z9+.-:x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("c:/windows")]
    [InlineData("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66")]
    [InlineData("mailto:a@b")]
    [InlineData("git://host/repo/@scope/name")]
    [InlineData("git://host/repo?author=a@b")]
    [InlineData("git://host/repo#a@b")]
    [InlineData("git://host?a@b")]
    [InlineData("git://host#a@b")]
    [InlineData("git:/path/a@b")]
    [InlineData("git://host/ünï/🚀")]
    [InlineData("git://host/%zz%")]
    [InlineData("git://host:99999999/x")]
    [InlineData("git://")]
    public void A_scheme_a_colon_and_a_rest_are_accepted(string uri)
    {
        new Change(uri).Uris.Should().ContainSingle().Which.Should().Be(uri);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/etc/passwd")]
    [InlineData("//host/repo")]
    [InlineData("host/repo")]
    [InlineData("git")]
    [InlineData("git:")]
    [InlineData(":x")]
    [InlineData("1git:x")]
    [InlineData("+git:x")]
    [InlineData("g_t:x")]
    [InlineData("gît:x")]
    [InlineData(" git:x")]
    [InlineData("git :x")]
    [InlineData("git: x")]
    [InlineData("git:x ")]
    [InlineData("git:a b")]
    [InlineData("git:a\tb")]
    [InlineData("git:x\n")]
    [InlineData("git:x\r\n")]
    [InlineData("\ngit:x")]
    [InlineData("/etc/passwd\ngit:x")]
    [InlineData("git:a\0b")]
    [InlineData("git:x\0")]
    [InlineData("git:a\u001bb")]
    [InlineData("git:a\u007fb")]
    [InlineData("git:a\u0085b")]
    [InlineData("git:a\u009fb")]
    [InlineData("git:a\u00a0b")]
    [InlineData("git:a\u2003b")]
    [InlineData("git:a\u2028b")]
    [InlineData("git:a\u3000b")]
    public void Anything_else_is_refused(string uri)
    {
        ShouldBeRefused(uri);
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void An_ill_formed_uri_is_refused(int surrogate)
    {
        ShouldBeRefused($"git://host/{(char)surrogate}");
    }

    [Theory]
    [InlineData("https://user:hunter2@host/repo")]
    [InlineData("https://hunter2@host/repo")]
    [InlineData("https://:hunter2@host")]
    [InlineData("HTTPS://user:hunter2@host/repo")]
    [InlineData("git+ssh://user:hunter2@host:22/repo")]
    [InlineData("https:\\\\user:hunter2@host/repo")]
    [InlineData("https:/\\user:hunter2@host/repo")]
    [InlineData("https://user:hunter2@@host/repo")]
    [InlineData("https://us er:hunter2@host/repo")]
    [InlineData("https://user:hunter2\n@host/repo")]
    [InlineData("https://user:hunter2@host/re po")]
    [InlineData("https://user:hunter2@host/repo\n")]
    [InlineData("https://user:hunter2@")]
    public void User_information_is_refused_without_being_shown(string uri)
    {
        var exception = ShouldBeRefused(uri);

        exception.ToString().Should().NotContain("hunter2");
    }

    [Theory]
    [InlineData(" https://user:hunter2@host/repo")]
    [InlineData("\ufeffhttps://user:hunter2@host/repo")]
    [InlineData("//user:hunter2@host/repo")]
    [InlineData("1https://user:hunter2@host/repo")]
    [InlineData("my_git://user:hunter2@host/repo")]
    [InlineData("https ://user:hunter2@host/repo")]
    [InlineData("https:/\t/user:hunter2@host/repo")]
    public void A_malformed_uri_that_may_have_user_information_is_refused_without_being_shown(string uri)
    {
        var exception = ShouldBeRefused(uri);

        exception.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public void Every_uri_of_a_stack_is_looked_at()
    {
        var act = () => new Change(["git://host/a", "git://host/b", "/etc/passwd"]);

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("uris");
    }

    [Fact]
    public void A_null_list_is_refused()
    {
        var act = () => new Change((IEnumerable<string>)null!);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("uris");
    }

    [Fact]
    public void A_null_uri_is_refused()
    {
        var act = () => new Change((string)null!);

        act.Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("uri");
    }

    [Fact]
    public async Task It_can_stand_in_the_expression_with_which_a_mocking_library_matches()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Is<BuildRequest>(request => request.Head.Contains(new Change("git://host/a"))), Arg.Any<CancellationToken>())
            .Returns(new BuildId("matched"));

        var buildId = await runner.TriggerAsync([], [new Change("git://host/a")]);

        buildId.Should().Be(new BuildId("matched"));
    }

    [Fact]
    public void A_null_item_is_refused()
    {
        var act = () => new Change(["git://host/a", null!]);

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("uris");
    }

    [Fact]
    public void An_empty_list_is_refused()
    {
        var act = () => new Change([]);

        act.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("uris");
    }

    [Fact]
    public void The_uris_keep_their_order()
    {
        var change = new Change(["git://host/b", "git://host/a", "git://host/b"]);

        change.Uris.Should().Equal("git://host/b", "git://host/a", "git://host/b");
        change.Uris[1].Should().Be("git://host/a");
    }

    [Fact]
    public void It_does_not_follow_its_source()
    {
        List<string> list = ["git://host/a"];
        string[] array = ["git://host/a"];
        var ofList = new Change(list);
        var ofArray = new Change(array);

        list.Add("git://host/b");
        array[0] = "git://host/b";

        ofList.Should().Be(new Change("git://host/a"));
        ofArray.Should().Be(new Change("git://host/a"));
    }

    [Fact]
    public void A_lazy_source_is_read_once()
    {
        var reads = 0;
        var source = Enumerable.Repeat("git://host/a", 1).Select(uri => uri + reads++);

        var change = new Change(source);

        change.Uris.Should().Equal("git://host/a0");
        change.Uris.Should().Equal("git://host/a0");
        reads.Should().Be(1);
    }

    [Fact]
    public void The_text_shows_the_uris()
    {
        new Change(["git://host/a", "git://host/b"]).ToString().Should().Contain("[git://host/a, git://host/b]");
    }

    private static ArgumentException ShouldBeRefused(string uri)
    {
        var act = () => new Change(uri);

        var exception = act.Should().ThrowExactly<ArgumentException>().Which;
        exception.ParamName.Should().Be("uri");
        return exception;
    }
}
