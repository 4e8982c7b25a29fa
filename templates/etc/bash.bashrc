if [ -r /etc/timectl/aliases ]; then . /etc/timectl/aliases; fi
