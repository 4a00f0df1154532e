namespace BuildRunner.Tests.Builds;

public sealed class BuildRequestTests
{
    private static readonly Change A = new("git://host/a");
    private static readonly Change B = new("git://host/b");

    [Fact]
    public void A_new_request_is_empty()
    {
        var request = new BuildRequest();

        request.Base.Should().BeEmpty();
        request.Head.Should().BeEmpty();
        request.Metadata.Should().BeSameAs(BuildMetadata.Empty);
        request.TriggerKey.Should().BeNull();
    }

    [Fact]
    public void Null_is_the_same_as_empty()
    {
        var request = new BuildRequest { Base = null, Head = null, Metadata = null, TriggerKey = null };

        request.Base.Should().BeEmpty();
        request.Head.Should().BeEmpty();
        request.Metadata.Should().BeSameAs(BuildMetadata.Empty);
        request.Should().Be(new BuildRequest());
        request.Should().Be(new BuildRequest { Base = [], Head = [], Metadata = [] });
    }

    [Fact]
    public void The_lists_keep_their_order()
    {
        var request = new BuildRequest { Base = [B, A], Head = [A, B, A] };

        request.Base.Should().Equal(B, A);
        request.Head.Should().Equal(A, B, A);
    }

    [Fact]
    public void The_lists_are_copied_in()
    {
        List<Change> list = [A];
        Change[] array = [A];
        var request = new BuildRequest { Base = list, Head = array };

        list.Add(B);
        array[0] = B;

        request.Base.Should().Equal(A);
        request.Head.Should().Equal(A);
    }

    [Fact]
    public void A_list_that_is_handed_on_stays_the_same()
    {
        var request = new BuildRequest { Base = [A], Head = [B] };

        var next = new BuildRequest { Base = request.Base, Head = request.Head };

        next.Base.Should().BeSameAs(request.Base);
        next.Should().Be(request);
    }

    [Fact]
    public void All_empty_lists_are_one()
    {
        var request = new BuildRequest { Base = [], Head = new List<Change>() };

        request.Base.Should().BeSameAs(new BuildRequest().Base);
        request.Head.Should().BeSameAs(request.Base);
    }

    [Fact]
    public void A_null_change_is_refused()
    {
        var ofBase = () => new BuildRequest { Base = [A, null!] };
        var ofHead = () => new BuildRequest { Head = [null!] };

        ofBase.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("Base");
        ofHead.Should().ThrowExactly<ArgumentException>().Which.ParamName.Should().Be("Head");
    }

    [Fact]
    public void Requests_with_equal_contents_are_equal()
    {
        var one = Full();
        var other = Full();

        one.Should().Be(other);
        (one == other).Should().BeTrue();
        one.GetHashCode().Should().Be(other.GetHashCode());
    }

    [Fact]
    public void Every_property_makes_a_difference()
    {
        var request = Full();

        request.Should().NotBe(request with { Base = [B] });
        request.Should().NotBe(request with { Base = [A, B] });
        request.Should().NotBe(request with { Head = [B, A, A] });
        request.Should().NotBe(request with { Head = null });
        request.Should().NotBe(request with { Metadata = [new("queue", "other")] });
        request.Should().NotBe(request with { TriggerKey = "KEY" });
        request.Should().NotBe(request with { TriggerKey = null });
    }

    [Fact]
    public void Base_and_head_are_not_interchangeable()
    {
        new BuildRequest { Base = [A] }.Should().NotBe(new BuildRequest { Head = [A] });
    }

    [Fact]
    public void The_order_of_the_changes_makes_a_difference_to_the_hash()
    {
        new BuildRequest { Head = [A, B] }.GetHashCode().Should().NotBe(new BuildRequest { Head = [B, A] }.GetHashCode());
    }

    [Fact]
    public void With_changes_one_property_and_leaves_the_original()
    {
        var request = Full();

        var changed = request with { Head = [A] };

        changed.Head.Should().Equal(A);
        changed.Base.Should().Equal(A);
        changed.TriggerKey.Should().Be("key");
        request.Should().Be(Full());
    }

    [Fact]
    public async Task A_substitute_matches_an_equal_request()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Full(), Arg.Any<CancellationToken>()).Returns(new BuildId("ci-7"));

        (await runner.TriggerAsync(Full())).Should().Be(new BuildId("ci-7"));
        (await runner.TriggerAsync(Full() with { Head = [A] })).IsDefault.Should().BeTrue();
    }

    [Fact]
    public void The_text_shows_changes_and_metadata_keys_and_no_metadata_value()
    {
        var request = Full() with { Metadata = [new("queue", "hunter2")] };

        var text = request.ToString();

        text.Should().Contain("git://host/a").And.Contain("git://host/b").And.Contain("queue");
        text.Should().NotContain("hunter2");
    }

    private static BuildRequest Full() => new() { Base = [A], Head = [B, A], Metadata = [new("queue", "main")], TriggerKey = "key" };
}
